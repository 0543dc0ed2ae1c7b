//! Characters that could mislead a reader or steer a terminal.

/// Whether a character could steer a terminal or make a line read otherwise than it is written:
/// C0, DEL, C1, direction marks and overrides, line separators, invisible fillers and tags.
pub fn is_treacherous(one: char) -> bool {
    // Nearly all characters are ASCII, of which no other is treacherous.
    if one.is_ascii() {
        return one.is_ascii_control();
    }
    one.is_control()
        || matches!(
            one,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// Whether a text is printable ASCII, as nearly all is, and line feeds where `lines` says so.
pub fn is_plain(text: &str, lines: bool) -> bool {
    // In pieces without a way out of their midst: compilers turn only those into vector code.
    text.as_bytes().chunks(64).all(|piece| {
        piece.iter().fold(true, |plain, byte| {
            plain & (matches!(byte, b' '..=b'~') | (lines & (*byte == b'\n')))
        })
    })
}

/// Writes what [`is_treacherous`] as `\u202e`: such a character can only stand inside a string.
pub fn escape_json(json: String) -> String {
    if is_plain(&json, true) {
        return json;
    }
    let mut out = String::with_capacity(json.len());
    let mut done = 0;
    for (at, found) in json.match_indices(|one| one != '\n' && is_treacherous(one)) {
        out += &json[done..at];
        for unit in found.encode_utf16() {
            out += &format!("\\u{unit:04x}");
        }
        done = at + found.len();
    }
    out + &json[done..]
}
