//! A text as it reads when its escapes are read too: `CORP%5Canna`, `O&apos;Brien`, `\u003c`, UTF-16 in a text.

use std::ops::Range;

/// Escapes in escapes that are read: `%255C`, `&amp;lt;`.
const DEEPEST: usize = 3;

/// The read text, and where each of its bytes stands in the written one.
pub struct View {
    pub text: String,
    /// For each byte of `text`, its place in the written text; one more for the end.
    places: Vec<usize>,
}

impl View {
    /// The view of a text, if it reads otherwise than it is written.
    pub fn of(written: &str) -> Option<View> {
        // Most texts have no escape, and shall cost nothing.
        let mut escapes = Escapes::of(written);
        let mut escape = escapes.next()?;
        let mut text = String::with_capacity(written.len());
        let mut places = Vec::with_capacity(written.len() + 1);
        let mut done = 0;
        loop {
            let (at, read, length) = escape;
            text += &written[done..at];
            places.extend(done..at);
            places.extend(std::iter::repeat_n(at, read.len()));
            text += &read;
            done = at + length;
            match escapes.next() {
                Some(next) => escape = next,
                None => break,
            }
        }
        text += &written[done..];
        places.extend(done..=written.len());
        Some(View { text, places })
    }

    /// The views of a text: its escapes read once, then what is escaped in that, and so on.
    pub fn all(written: &str) -> Vec<View> {
        let mut all: Vec<View> = View::of(written).into_iter().collect();
        while let Some(last) = all.last().filter(|_| all.len() < DEEPEST) {
            let Some(mut deeper) = View::of(&last.text) else {
                break;
            };
            for place in &mut deeper.places {
                *place = last.places.get(*place).copied().unwrap_or_default();
            }
            all.push(deeper);
        }
        all
    }

    /// Where a place of the view stands in the written text.
    pub fn written(&self, place: &Range<usize>) -> Range<usize> {
        let place_of = |at: usize| self.places.get(at).copied().unwrap_or_default();
        place_of(place.start)..place_of(place.end)
    }
}

/// The escapes of a text, in order.
struct Escapes<'a> {
    text: &'a str,
    at: usize,
    /// The next NUL: looked up once, not before each escape.
    nul: usize,
}

impl Escapes<'_> {
    fn of(text: &str) -> Escapes<'_> {
        let nul = memchr::memchr(0, text.as_bytes()).unwrap_or(text.len());
        Escapes { text, at: 0, nul }
    }
}

/// Where it stands, how it reads, how long it is.
impl Iterator for Escapes<'_> {
    type Item = (usize, String, usize);

    fn next(&mut self) -> Option<Self::Item> {
        let (text, from, bytes) = (self.text, self.at, self.text.as_bytes());
        let signs = memchr::memchr3_iter(b'%', b'&', b'\\', &bytes[from..self.nul]);
        let found = signs.map(|at| from + at).find_map(|at| {
            let (read, length) = match bytes[at] {
                b'%' => percent(&text[at..]),
                b'&' => entity(&text[at..]),
                _ => unicode(&text[at..]),
            }?;
            Some((at, read, length))
        });
        if let Some((at, _, length)) = found {
            self.at = at + length;
        } else if self.nul < text.len() {
            let at = self.nul;
            self.at = at + 1;
            let next = memchr::memchr(0, &bytes[self.at..]);
            self.nul = next.map_or(text.len(), |next| self.at + next);
            return Some((at, String::new(), 1));
        }
        found
    }
}

/// `%C3%A4`: one letter of as many bytes as it has.
fn percent(text: &str) -> Option<(String, usize)> {
    let mut bytes = vec![];
    let mut rest = text;
    while let Some(hex) = rest.strip_prefix('%').and_then(|rest| rest.get(..2)) {
        let byte = u8::from_str_radix(hex, 16)
            .ok()
            .filter(|_| !hex.starts_with('+'))?;
        bytes.push(byte);
        rest = &rest[3..];
        if let Ok(read) = std::str::from_utf8(&bytes) {
            return Some((read.to_owned(), bytes.len() * 3));
        }
        if bytes.len() == 4 {
            break;
        }
    }
    None
}

/// `\u003c`, as JSON writes it.
fn unicode(text: &str) -> Option<(String, usize)> {
    let hex = text.strip_prefix("\\u")?.get(..4)?;
    let code = u32::from_str_radix(hex, 16).ok();
    let read = code.filter(|code| !hex.starts_with('+') && *code > 0)?;
    Some((char::from_u32(read)?.to_string(), 6))
}

fn entity(text: &str) -> Option<(String, usize)> {
    const NAMED: [(&str, &str); 5] = [
        ("&amp;", "&"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&apos;", "'"),
    ];
    if let Some((written, read)) = NAMED.iter().find(|one| text.starts_with(one.0)) {
        return Some(((*read).to_owned(), written.len()));
    }
    let number = text.strip_prefix("&#")?;
    let digits = number.get(..number.bytes().take(9).position(|one| one == b';')?)?;
    let code = match digits.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => digits.parse().ok(),
    };
    Some((char::from_u32(code?)?.to_string(), digits.len() + 3))
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
            r"C:\users\update \u00zz \u12",
        ] {
            assert_eq!(read(plain), None, "{plain}");
        }
        let view = View::of("a%20anna%21").unwrap();
        assert_eq!(view.written(&(2..6)), 4..8);
        assert_eq!(view.written(&(6..7)), 8..11);
        let deep = View::all("a%2520b &amp;lt;c\\u003cd%2525255C");
        let texts: Vec<&str> = deep.iter().map(|view| view.text.as_str()).collect();
        assert_eq!(
            texts,
            ["a%20b &lt;c<d%25255C", "a b <c<d%255C", "a b <c<d%5C"]
        );
        assert_eq!(deep[1].written(&(1..2)), 1..6);
    }
}
