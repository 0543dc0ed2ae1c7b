//! Package GUIDs: `{1EC214B8-E862-44A9-B3A6-27D918D136A2}` and `1ec214b8-...` are the same package.

use std::fmt;

/// The GUID of a package. Printed in lower case without braces, compared without regard to either.
///
/// ```
/// use pkgtrail::model::PackageId;
/// let id = PackageId::parse("{1EC214B8-E862-44A9-B3A6-27D918D136A2}").unwrap();
/// assert_eq!(id.to_string(), "1ec214b8-e862-44a9-b3a6-27d918d136a2");
/// assert_eq!(PackageId::parse("1ec214b8-e862-44a9-b3a6-27d918d136a2"), Some(id));
/// assert_eq!(PackageId::parse("1ec214b8"), None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
// Aligned like what stands beside it: an event with 16 would hold a tenth of emptiness.
#[repr(Rust, packed(8))]
pub struct PackageId(pub u128);

/// Where the hyphens of a GUID stand.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];
/// Length of a GUID without braces.
const LENGTH: usize = 36;

impl PackageId {
    /// Reads exactly one GUID, with or without braces, in either case.
    pub fn parse(text: &str) -> Option<PackageId> {
        let inner = text
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'))
            .unwrap_or(text);
        let id = Self::at(inner.as_bytes(), 0)?;
        (inner.len() == LENGTH).then_some(id)
    }

    /// The first GUID in `text`, wherever it stands: in a sentence, a path or a URL.
    pub fn find(text: &str) -> Option<PackageId> {
        Self::find_all(text).next()
    }

    /// All GUIDs in `text`, in order. All zeros is nobody's GUID and is left out.
    pub fn find_all(text: &str) -> impl Iterator<Item = PackageId> + '_ {
        let bytes = text.as_bytes();
        let mut from = 0;
        std::iter::from_fn(move || {
            // A hyphen at the right distance is rarer than a hex digit, so look for that.
            while from + LENGTH <= bytes.len() {
                let start = from;
                from += 1;
                if bytes[start + HYPHENS[0]] != b'-'
                    || (start > 0 && bytes[start - 1].is_ascii_hexdigit())
                {
                    continue;
                }
                if let Some(id) = Self::at(bytes, start) {
                    from = start + LENGTH;
                    if id.0 != 0 && !bytes.get(from).is_some_and(u8::is_ascii_hexdigit) {
                        return Some(id);
                    }
                }
            }
            None
        })
    }

    fn at(bytes: &[u8], start: usize) -> Option<PackageId> {
        let guid = bytes.get(start..start + LENGTH)?;
        let mut value = 0_u128;
        for (place, byte) in guid.iter().enumerate() {
            if HYPHENS.contains(&place) {
                if *byte != b'-' {
                    return None;
                }
                continue;
            }
            let digit = char::from(*byte).to_digit(16)?;
            value = value << 4 | u128::from(digit);
        }
        Some(PackageId(value))
    }
}

impl fmt::Display for PackageId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // By hand: every row of a table has one, and formatting costs ten times as much.
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [b'-'; 36];
        let mut place = 0;
        for (number, byte) in self.0.to_be_bytes().into_iter().enumerate() {
            // A hyphen stands before these bytes.
            place += usize::from(matches!(number, 4 | 6 | 8 | 10));
            text[place] = DIGITS[usize::from(byte >> 4)];
            text[place + 1] = DIGITS[usize::from(byte & 0xF)];
            place += 2;
        }
        out.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

impl fmt::Debug for PackageId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guids_are_found_in_urls_paths_and_sentences() {
        let url = "HTTP://host/pkggroup_{1EC214B8-E862-44A9-B3A6-27D918D136A2}/a.cab";
        let path = r"d:\Package Delivery\1ec214b8-e862-44a9-b3a6-27d918d136a2\cache";
        assert_eq!(PackageId::find(url), PackageId::find(path));
        assert_eq!(PackageId::find_all(&format!("{url} {path}")).count(), 2);
    }

    #[test]
    fn an_id_is_written_as_it_is_read() {
        for step in 0..1_000_u128 {
            let id = PackageId(((1 << 127) / (step + 1)) ^ step);
            let hex = format!("{:032x}", { id.0 });
            assert_eq!(id.to_string().replace('-', ""), hex);
            assert_eq!(PackageId::parse(&id.to_string()), Some(id));
        }
        let low = PackageId(0xABC).to_string();
        assert_eq!(low, "00000000-0000-0000-0000-000000000abc");
    }

    #[test]
    fn what_is_no_guid_is_not_taken_for_one() {
        assert_eq!(
            PackageId::find("00000000-0000-0000-0000-000000000000"),
            None
        );
        assert_eq!(
            PackageId::find("1ec214b8-e862-44a9-b3a6-27d918d136a2f"),
            None
        );
        assert_eq!(PackageId::find("1ec214b8-e862-44a9-b3a6"), None);
    }
}
