//! Comma-separated values as RFC 4180 has them, with any separator.

/// One record, with the line where it begins.
pub struct Record {
    pub line: u32,
    pub cells: Vec<String>,
    /// Whether it ended with a line break and not within quotes.
    pub ended: bool,
}

/// Reads all records; empty lines are left out. Quotes in the middle of a cell are kept as written.
pub fn records(text: &str, separator: char) -> Vec<Record> {
    let mut records = Vec::new();
    let mut record = Record {
        line: 1,
        cells: Vec::new(),
        ended: false,
    };
    let mut cell = String::new();
    let (mut quoted, mut was_quoted) = (false, false);
    let mut line = 1_u32;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let breaks = letter == '\n';
        line = line.saturating_add(u32::from(breaks));
        if quoted {
            match letter {
                '"' if letters.peek() == Some(&'"') => {
                    letters.next();
                    cell.push('"');
                }
                '"' => quoted = false,
                other => cell.push(other),
            }
        } else if letter == '"' && cell.is_empty() && !was_quoted {
            (quoted, was_quoted) = (true, true);
        } else if letter == separator || breaks {
            if !was_quoted && breaks && cell.ends_with('\r') {
                cell.pop();
            }
            record.cells.push(std::mem::take(&mut cell));
            was_quoted = false;
            if breaks {
                record.ended = true;
                let next = Record {
                    line,
                    cells: Vec::new(),
                    ended: false,
                };
                let full = std::mem::replace(&mut record, next);
                if full.cells.len() > 1 || !full.cells[0].is_empty() {
                    records.push(full);
                }
            }
        } else if !(was_quoted && letter == '\r') {
            cell.push(letter);
        }
    }
    if !cell.is_empty() || was_quoted || !record.cells.is_empty() {
        record.cells.push(cell);
        records.push(record);
    }
    records
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(text: &str) -> Vec<(u32, Vec<String>, bool)> {
        records(text, ',')
            .into_iter()
            .map(|record| (record.line, record.cells, record.ended))
            .collect()
    }

    #[test]
    fn quotes_breaks_and_ends() {
        let cells = |cells: &[&str]| {
            cells
                .iter()
                .map(|cell| (*cell).to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            flat("a,\"b \"\"x\"\"\",\r\n\r\n\"c\nd\",e\"f\"\n1"),
            [
                (1, cells(&["a", "b \"x\"", ""]), true),
                (3, cells(&["c\nd", "e\"f\""]), true),
                (5, cells(&["1"]), false),
            ]
        );
        assert_eq!(flat(""), []);
        assert_eq!(flat("\"a\r\nb"), [(1, cells(&["a\r\nb"]), false)]);
        assert_eq!(flat("\"a\"\r\n"), [(1, cells(&["a"]), true)]);
    }
}
