//! The phrases of the rules as sentences.

/// A phrase as a sentence. Rules write phrases, so that they can stand inside others.
pub(super) fn sentence(phrase: &str) -> String {
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
    let phrase = quoted.as_str();
    let mut letters = phrase.chars();
    let first = letters
        .next()
        .map_or(String::new(), |letter| letter.to_uppercase().collect());
    // A package id stays as it is.
    let hex = phrase
        .chars()
        .take(8)
        .all(|letter| letter.is_ascii_hexdigit());
    let whole = if hex {
        phrase.to_owned()
    } else {
        first + letters.as_str()
    };
    if whole.ends_with(['.', '!', '?']) {
        whole
    } else {
        whole + "."
    }
}
