//! A text as it reads when its escapes are read too: `CORP%5Canna`, `O&apos;Brien`, UTF-16 in a text.

use std::ops::Range;

/// The read text, and where each of its bytes stands in the written one.
pub struct View {
    pub text: String,
    /// For each byte of `text`, its place in the written text; one more for the end.
    places: Vec<usize>,
}

impl View {
    /// The view of a text, if it reads otherwise than it is written.
    pub fn of(written: &str) -> Option<View> {
        if !written.contains(['%', '&', '\0']) {
            return None;
        }
        let mut text = String::with_capacity(written.len());
        let mut places = Vec::with_capacity(written.len() + 1);
        let mut at = 0;
        while let Some(one) = written[at..].chars().next() {
            let (read, length) = match one {
                '\0' => (String::new(), 1),
                '%' => percent(&written[at..]),
                '&' => entity(&written[at..]),
                _ => (one.to_string(), one.len_utf8()),
            };
            places.extend(std::iter::repeat_n(at, read.len()));
            text += &read;
            at += length;
        }
        places.push(at);
        (text != written).then_some(View { text, places })
    }

    /// Where a place of the view stands in the written text.
    pub fn written(&self, place: &Range<usize>) -> Range<usize> {
        let place_of = |at: usize| self.places.get(at).copied().unwrap_or_default();
        place_of(place.start)..place_of(place.end)
    }
}

/// `%C3%A4`: one letter of as many bytes as it has.
fn percent(text: &str) -> (String, usize) {
    let mut bytes = vec![];
    let mut rest = text;
    while let Some(hex) = rest.strip_prefix('%').and_then(|rest| rest.get(..2)) {
        let Some(byte) = u8::from_str_radix(hex, 16)
            .ok()
            .filter(|_| !hex.starts_with('+'))
        else {
            break;
        };
        bytes.push(byte);
        rest = &rest[3..];
        if let Ok(read) = std::str::from_utf8(&bytes) {
            return (read.to_owned(), bytes.len() * 3);
        }
        if bytes.len() == 4 {
            break;
        }
    }
    ("%".to_owned(), 1)
}

fn entity(text: &str) -> (String, usize) {
    const NAMED: [(&str, &str); 5] = [
        ("&amp;", "&"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&apos;", "'"),
    ];
    if let Some((written, read)) = NAMED.iter().find(|one| text.starts_with(one.0)) {
        return ((*read).to_owned(), written.len());
    }
    let number = text
        .strip_prefix("&#")
        .and_then(|rest| rest.split_once(';'));
    let read = number
        .filter(|(digits, _)| digits.len() <= 8)
        .and_then(|(digits, _)| {
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok(),
                None => digits.parse().ok(),
            };
            Some((char::from_u32(code?)?.to_string(), digits.len() + 3))
        });
    read.unwrap_or_else(|| ("&".to_owned(), 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_read_and_their_places_kept() {
        let read = |text: &str| View::of(text).map(|view| view.text);
        assert_eq!(read("CORP%5Canna").as_deref(), Some(r"CORP\anna"));
        assert_eq!(
            read("J%C3%B6rg O&apos;Brien&#x41;").as_deref(),
            Some("Jörg O'BrienA")
        );
        assert_eq!(read("P\0S\x001\0").as_deref(), Some("PS1"));
        for plain in [
            "PS01",
            "100 % and %COMPUTERNAME% & %",
            "%E4 %ZZ &x; &#xD800;",
            "%+1",
        ] {
            assert_eq!(read(plain), None, "{plain}");
        }
        let view = View::of("a%20anna%21").unwrap();
        assert_eq!(view.written(&(2..6)), 4..8);
        assert_eq!(view.written(&(6..7)), 8..11);
    }
}
