//! The program `chinwag`: reads the command line and does what it says. Nothing else.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    chinwag_server::cli::main()
}
