//! The colours of code: which part of a code block is a keyword, a string, a number or a comment.
//!
//! Hides the crates `syntect` and `two-face`. Only [`crate::terminal::markdown`] calls it. It must never cost anything
//! before there is a code block of a known language, and never much: reading the syntaxes takes 2 ms, the first Bash
//! block another 3 ms for its patterns (measured; the pattern engine in plain Rust takes 40 ms for them, which is more
//! than a first question may take).

use std::sync::LazyLock;

use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxSet};

use crate::text::Style;

/// Lines longer than this are not highlighted: some patterns take cubic time, and no line of code is read so.
const LONGEST_LINE: usize = 160;
/// Bytes of code that are highlighted in one text: what a screen holds. With [`LONGEST_LINE`] it bounds what the worst
/// text for the worst pattern can cost to about a tenth of a second.
pub const BUDGET: usize = 4096;

/// What a fence may say, and the syntax that it means. Names are looked up here and not in the set, so that the set is
/// not read for a language that it does not have.
const LANGUAGES: [(&str, &str); 63] = [
    ("apache", "Apache Conf"),
    ("awk", "AWK"),
    ("bash", "Bourne Again Shell (bash)"),
    ("c", "C"),
    ("conf", "INI"),
    ("cpp", "C++"),
    ("cron", "Crontab"),
    ("crontab", "Crontab"),
    ("cs", "C#"),
    ("csharp", "C#"),
    ("css", "CSS"),
    ("diff", "Diff"),
    ("docker", "Dockerfile"),
    ("dockerfile", "Dockerfile"),
    ("env", "DotENV"),
    ("fish", "Fish"),
    ("fstab", "fstab"),
    ("gitconfig", "Git Config"),
    ("gitignore", "Git Ignore"),
    ("go", "Go"),
    ("gomod", "Gomod"),
    ("graphql", "GraphQL"),
    ("groovy", "Groovy"),
    ("hcl", "Terraform"),
    ("html", "HTML"),
    ("http", "HTTP Request and Response"),
    ("ini", "INI"),
    ("java", "Java"),
    ("javascript", "JavaScript"),
    ("jenkinsfile", "Groovy"),
    ("jinja", "Jinja2"),
    ("jq", "JQ"),
    ("js", "JavaScript"),
    ("json", "JSON"),
    ("jsonnet", "jsonnet"),
    ("kotlin", "Kotlin"),
    ("lua", "Lua"),
    ("make", "Makefile"),
    ("makefile", "Makefile"),
    ("nginx", "nginx"),
    ("nix", "Nix"),
    ("patch", "Diff"),
    ("perl", "Perl"),
    ("php", "PHP"),
    ("properties", "Java Properties"),
    ("proto", "Protocol Buffer"),
    ("puppet", "Puppet"),
    ("py", "Python"),
    ("python", "Python"),
    ("rego", "Rego"),
    ("ruby", "Ruby"),
    ("rust", "Rust"),
    ("sh", "Bourne Again Shell (bash)"),
    ("shell", "Bourne Again Shell (bash)"),
    ("sql", "SQL"),
    ("sshconfig", "SSH Config"),
    ("systemd", "INI"),
    ("terraform", "Terraform"),
    ("tf", "Terraform"),
    ("toml", "TOML"),
    ("xml", "XML"),
    ("yaml", "YAML"),
    ("yml", "YAML"),
];

/// Which scopes are which style; the innermost scope that stands here decides, the longer prefix before the shorter.
const STYLES: [(&str, Style); 25] = [
    ("comment", Style::Comment),
    ("meta.interpolation", Style::Code),
    ("meta.group.expansion", Style::Code),
    ("string.unquoted", Style::Code),
    ("string.regexp", Style::Quoted),
    ("string", Style::Quoted),
    ("constant.character", Style::Quoted),
    ("constant.numeric", Style::Number),
    ("constant.language", Style::Number),
    ("constant.other", Style::Number),
    ("keyword.operator.word", Style::Keyword),
    ("keyword.operator.logical.python", Style::Keyword),
    ("keyword.operator.logical.sql", Style::Keyword),
    ("keyword.operator", Style::Code),
    ("keyword.other.block", Style::Code),
    ("keyword.other.interpolation", Style::Code),
    ("keyword", Style::Keyword),
    ("storage", Style::Keyword),
    ("support.function", Style::Keyword),
    ("entity.name.tag", Style::Keyword),
    ("entity.name.section", Style::Keyword),
    ("entity.name.table", Style::Keyword),
    ("entity.section", Style::Keyword),
    ("variable.language", Style::Keyword),
    ("meta.diff.header", Style::Comment),
];

/// The syntaxes, with line feeds: those patterns are the better ones.
static SYNTAXES: LazyLock<SyntaxSet> = LazyLock::new(two_face::syntax::extra_newlines);

static SCOPES: LazyLock<Vec<(Scope, Style)>> =
    LazyLock::new(|| STYLES.iter().filter_map(|(name, style)| Some((Scope::new(name).ok()?, *style))).collect());

/// Returns for each line of a code block from which byte on which style holds; `None` where the language is not known,
/// or the block is too long to be highlighted.
pub fn highlight(language: &str, code: &str) -> Option<Vec<Vec<(usize, Style)>>> {
    let language = language.to_ascii_lowercase();
    let (_, name) = LANGUAGES.iter().find(|(fence, _)| *fence == language)?;
    if code.len() > BUDGET || code.lines().any(|line| line.len() > LONGEST_LINE) {
        return None;
    }
    let mut state = ParseState::new(SYNTAXES.find_syntax_by_name(name)?);
    let mut stack = ScopeStack::new();
    code.lines()
        .map(|line| {
            let mut styles = vec![(0, style_of(&stack))];
            for (offset, operation) in state.parse_line(&format!("{line}\n"), &SYNTAXES).ok()? {
                stack.apply(&operation).ok()?;
                styles.push((offset, style_of(&stack)));
            }
            Some(styles)
        })
        .collect()
}

fn style_of(stack: &ScopeStack) -> Style {
    let known = |scope: &Scope| SCOPES.iter().find(|(prefix, _)| prefix.is_prefix_of(*scope)).map(|(_, style)| *style);
    stack.as_slice().iter().rev().find_map(known).unwrap_or(Style::Code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_is_in_the_set() {
        for (fence, name) in LANGUAGES {
            assert!(SYNTAXES.find_syntax_by_name(name).is_some(), "{fence}: {name}");
        }
        assert!(LANGUAGES.windows(2).all(|pair| pair[0].0 < pair[1].0), "in order, each once");
        assert_eq!(SCOPES.len(), STYLES.len());
    }

    /// The code with what is not [`Style::Code`] in brackets: k, q, n, c.
    fn marked(language: &str, code: &str) -> String {
        let styles = highlight(language, code).unwrap();
        let mut lines = Vec::new();
        for (line, styles) in code.lines().zip(styles) {
            let mut marked = String::new();
            let mut last = Style::Code;
            for (offset, character) in line.char_indices().chain([(line.len(), '\n')]) {
                let style = match character {
                    '\n' => Style::Code,
                    _ => styles.iter().rev().find(|(start, _)| *start <= offset).unwrap().1,
                };
                if style != last {
                    marked.push_str(if last == Style::Code { "" } else { "⟩" });
                    marked.push_str(match style {
                        Style::Keyword => "⟨k ",
                        Style::Quoted => "⟨q ",
                        Style::Number => "⟨n ",
                        Style::Comment => "⟨c ",
                        _ => "",
                    });
                    last = style;
                }
                if character != '\n' {
                    marked.push(character);
                }
            }
            lines.push(marked);
        }
        lines.join("\n")
    }

    #[test]
    fn code_is_marked() {
        let cases = [
            (
                "bash",
                "if test -f x; then\n  echo \"a $HOME b\" 12 'x' # hi\nfi\nls -la | grep x",
                "⟨k if⟩ test -f x; ⟨k then⟩\n  ⟨k echo⟩ ⟨q \"a ⟩$HOME⟨q  b\"⟩ 12 ⟨q 'x'⟩ ⟨c # hi⟩\n⟨k fi⟩\nls -la | grep x",
            ),
            (
                "YAML",
                "a: b # c\nlist:\n  - 12\n  - \"x\"\n  - true",
                "⟨k a⟩: b ⟨c # c⟩\n⟨k list⟩:\n  - ⟨n 12⟩\n  - ⟨q \"x\"⟩\n  - ⟨n true⟩",
            ),
            ("json", "{\"a\": [1, true, null]}", "{⟨q \"a\"⟩: [⟨n 1⟩, ⟨n true⟩, ⟨n null⟩]}"),
            ("toml", "[a.b]\nc = 1 # x", "[⟨k a⟩.⟨k b⟩]\n⟨k c⟩ = ⟨n 1⟩ ⟨c # x⟩"),
            ("dockerfile", "FROM a:3 AS x\nCMD [\"a\"]", "⟨k FROM⟩ a:3 ⟨k AS⟩ x\nCMD [⟨q \"a\"⟩]"),
            (
                "tf",
                "resource \"a\" \"b\" {\n  x = \"${y}\" # c",
                "⟨k resource⟩ ⟨q \"a\"⟩ ⟨q \"b\"⟩ {\n  x = ⟨q \"⟩${y}⟨q \"⟩ ⟨c # c⟩",
            ),
            (
                "nginx",
                "location /a { # c\n  proxy_pass http://b;",
                "⟨k location⟩ /a { ⟨c # c⟩\n  ⟨k proxy_pass⟩ http://b;",
            ),
            (
                "python",
                "return x if x is not None else 'a'",
                "⟨k return⟩ x ⟨k if⟩ x ⟨k is⟩ ⟨k not⟩ ⟨n None⟩ ⟨k else⟩ ⟨q 'a'⟩",
            ),
            (
                "sql",
                "SELECT a WHERE b = 'd' AND e > 1; -- f",
                "⟨k SELECT⟩ a ⟨k WHERE⟩ b = ⟨q 'd'⟩ ⟨k AND⟩ e > ⟨n 1⟩; ⟨c -- f⟩",
            ),
            ("systemd", "[Unit]\nA=b\n; c", "[⟨k Unit⟩]\n⟨k A⟩=⟨q b⟩\n⟨c ; c⟩"),
            ("go", "func main() { return nil } // c", "⟨k func⟩ main() { ⟨k return⟩ ⟨n nil⟩ } ⟨c // c⟩"),
            ("make", "a: b\n\techo $(X) # c", "a: b\n\t⟨k echo⟩ $(X) ⟨c # c⟩"),
            ("diff", "--- a\n-x\n+y", "⟨c --- a⟩\n-x\n+y"),
            ("js", "const a = `b ${c}`; // d", "⟨k const⟩ a = ⟨q `b ⟩${c}⟨q `⟩; ⟨c // d⟩"),
        ];
        for (language, code, expected) in cases {
            assert_eq!(marked(language, code), expected, "{language}");
        }
    }

    #[test]
    fn what_cannot_be_highlighted_is_left_alone() {
        for language in ["", "text", "console", "no such language", "bash "] {
            assert!(highlight(language, "if x").is_none(), "{language:?}");
        }
        assert!(highlight("bash", &"x".repeat(LONGEST_LINE + 1)).is_none());
        assert!(highlight("bash", &"x\n".repeat(BUDGET)).is_none());
        assert_eq!(highlight("bash", ""), Some(vec![]));
    }
}
