//! How tables are shown.

use std::io::IsTerminal;

use comfy_table::{ContentArrangement, Table, presets};

/// Where nothing says how wide it may be: in a file, a pipe, a CI log.
const COLUMNS: u16 = 120;

/// A table for standard output; long cells are broken.
pub fn table() -> Table {
    let width = (!std::io::stdout().is_terminal()).then_some(COLUMNS);
    within(width)
}

/// As wide as the terminal where no width is given.
fn within(width: Option<u16>) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic);
    if let Some(width) = width {
        table.set_width(width);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_cell_makes_no_table_wider_than_a_page() {
        let mut table = within(Some(COLUMNS));
        let checks = ["validation.import.branch"; 30].join(", ");
        table.set_header(["mutant", "caught by", "time"]);
        table.add_row(["errors.400.as-422", &checks, "1.7 s"]);
        let text = table.to_string();
        for line in text.lines() {
            assert!(line.chars().count() <= usize::from(COLUMNS), "{line}");
        }
        for short in ["errors.400.as-422", "1.7 s"] {
            assert!(text.contains(short), "{text}");
        }
    }
}
