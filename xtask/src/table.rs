//! Plain tables for the terminal and for Markdown. It lays out text and computes nothing.

/// Columns as wide as their widest cell; the first is flush left, the others right.
pub fn plain(head: &[&str], rows: &[Vec<String>]) -> String {
    let widths = widths(head, rows);
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded: Vec<String> = cells
            .zip(&widths)
            .enumerate()
            .map(
                |(column, (cell, &width))| {
                    if column == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
                },
            )
            .collect();
        padded.join("  ").trim_end().to_owned()
    };
    let mut out = vec![line(&mut head.iter().copied())];
    out.push("-".repeat(widths.iter().sum::<usize>() + 2 * (widths.len() - 1)));
    out.extend(rows.iter().map(|row| line(&mut row.iter().map(String::as_str))));
    out.join("\n")
}

/// The same as a Markdown table.
pub fn markdown(head: &[&str], rows: &[Vec<String>]) -> String {
    let row = |cells: &[&str]| format!("| {} |", cells.join(" | "));
    let mut out = vec![row(head), row(&vec!["---"; head.len()])];
    out.extend(rows.iter().map(|cells| row(&cells.iter().map(String::as_str).collect::<Vec<_>>())));
    out.join("\n")
}

fn widths(head: &[&str], rows: &[Vec<String>]) -> Vec<usize> {
    (0..head.len())
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
            cells.chain([head[column].chars().count()]).max().unwrap_or(0)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let text = plain(&["suite", "passed"], &[vec!["rust".into(), "7".into()], vec!["browser".into(), "12".into()]]);
        assert_eq!(text, "suite    passed\n---------------\nrust          7\nbrowser      12");
    }

    #[test]
    fn markdown_has_one_row_each() {
        assert_eq!(markdown(&["a", "b"], &[vec!["1".into(), "2".into()]]), "| a | b |\n| --- | --- |\n| 1 | 2 |");
    }
}
