//! The phrases of the rules as sentences.

/// A phrase as a sentence. Rules write phrases, so that they can stand inside others.
pub(super) fn sentence(phrase: &str) -> String {
    let whole = closed(phrase);
    // A package id stays as it is.
    let hex = whole
        .chars()
        .take(8)
        .all(|letter| letter.is_ascii_hexdigit());
    if hex {
        return whole;
    }
    let mut letters = whole.chars();
    let first = letters
        .next()
        .map_or(String::new(), |letter| letter.to_uppercase().collect());
    first + letters.as_str()
}

/// A phrase with a full stop, for the end of a sentence.
pub(super) fn closed(phrase: &str) -> String {
    // Backticks are for code; a sentence quotes.
    let mut open = false;
    let quoted: String = phrase
        .chars()
        .map(|one| match one {
            '`' => {
                open = !open;
                if open { '\u{201c}' } else { '\u{201d}' }
            }
            one => one,
        })
        .collect();
    if quoted.ends_with(['.', '!', '?']) {
        quoted
    } else {
        quoted + "."
    }
}
