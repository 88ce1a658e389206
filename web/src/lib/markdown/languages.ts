/** Words behind a fence that name a language. Any other word there is the first line of the code. */
const NAMES = `
  apache asm awk bash bat batch c c++ cc clj cljs clojure cmake cmd coffee console cpp cs csharp css csv cxx dart diff docker
  dockerfile dot elixir elm env erl erlang ex exs f# fish fsharp go golang gql gradle graphql groovy h haskell hcl hpp hs html
  http ini java javascript jinja jl js json json5 jsonc jsonl jsx julia kotlin kt kts latex less lisp log lua m makefile markdown
  math matlab md mermaid mjs nginx nim nix none objc objective-c ocaml output pascal patch perl php plain plaintext pl
  postgresql powershell prisma properties proto protobuf ps1 puml pwsh py python py3 python3 r rb regex rs ruby rust sass scala
  scheme scss sh shell solidity sol sql svelte svg swift tcl tex text toml ts tsx txt typescript vb vba vim vue wasm xhtml xml
  yaml yml zig zsh
`;

const KNOWN = new Set(NAMES.trim().split(/\s+/));

export function isLanguage(word: string): boolean {
  return KNOWN.has(word.toLowerCase());
}
