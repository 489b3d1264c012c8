//! Calls that do harm with hostile input.

use super::syntax::{Call, Expr, HOLE};

/// Where input could do harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sink {
    Sql,
    Shell,
    Path,
    Html,
    Url,
}

/// Where a call puts what it is given; `path` is its dotted name.
pub fn of(call: &Call, path: &str) -> Option<Sink> {
    // What is written out in full can't be injected into.
    let open = !matches!(call.arg(0), Some(Expr::Text(text)) if !text.contains(HOLE));
    let sink = match call.name.as_str() {
        "raw" | "whereRaw" | "orderByRaw" | "$queryRawUnsafe" | "$executeRawUnsafe"
        | "find_by_sql" | "createNativeQuery" | "executeQuery" | "executeUpdate" | "exec_query" => {
            Sink::Sql
        }
        "query" | "execute" | "Query" | "QueryRow" | "Exec" | "queryForObject" | "select"
            if open && is_database(path) =>
        {
            Sink::Sql
        }
        "exec" | "execSync" | "spawn" | "system" | "popen" | "shell_exec" | "passthru"
        | "check_output" | "Command" | "ProcessBuilder"
            if open =>
        {
            Sink::Shell
        }
        "run" | "call" | "Popen" if path.starts_with("subprocess.") => Sink::Shell,
        "readFile"
        | "readFileSync"
        | "createReadStream"
        | "sendFile"
        | "send_file"
        | "send_from_directory"
        | "file_get_contents"
        | "FileInputStream"
        | "ReadFile"
        | "open"
        | "Open"
        | "download"
        | "writeFile"
            if open =>
        {
            Sink::Path
        }
        "render_template_string" | "html_safe" | "mark_safe" | "HtmlString" => Sink::Html,
        "get" | "post" | "fetch" | "request" | "urlopen" | "Get"
            if open
                && !call.args.is_empty()
                && !matches!(call.receiver, Some(Expr::Call(_) | Expr::Other))
                && (matches!(
                    path,
                    "fetch" | "urlopen" | "axios" | "axios.get" | "axios.post"
                ) || path.starts_with("requests.")
                    || path.starts_with("http.Get")
                    || path.starts_with("httpx.")) =>
        {
            Sink::Url
        }
        _ => return None,
    };
    Some(sink)
}

fn is_database(path: &str) -> bool {
    let path = path.to_lowercase();
    [
        "db",
        "sql",
        "conn",
        "cursor",
        "pool",
        "client",
        "knex",
        "session",
        "jdbc",
        "tx",
        "stmt",
        "database",
        "sequelize",
        "em",
    ]
    .iter()
    .any(|word| {
        path.split('.')
            .rev()
            .skip(1)
            .any(|part| part == *word || part.ends_with(word))
    })
}
