//! Error codes in words: Win32, HRESULT, WinHTTP and WinINet, BITS, HTTP with the substatus of IIS.
//!
//! Symbols and numbers are facts of public lists; each table names its own. The words are ours.
//! A code that no table knows stays as it is: a guess would look like a fact.

mod hresult;
mod http;
mod in_text;
mod internet;
mod win32;

pub use in_text::in_text;

/// Where the numbers come from, for readers.
pub const SOURCES: &str = "Error codes are explained in words of this report. Their numbers and symbols are those of Microsoft Learn (System Error Codes, Windows Sockets Error Codes, Network Management Error Codes, COM Error Codes, WinHTTP Error Messages, WinINet Error Messages, BITS Return Values, HTTP status codes in IIS) and of [MS-ERREF]. A code that none of them names stands alone.";

/// Where a code comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// A system error, alone or inside an HRESULT.
    Win32,
    /// WinHTTP or WinINet, alone or inside an HRESULT.
    Internet,
    /// COM, security, certificates and others.
    Hresult,
    /// The Background Intelligent Transfer Service.
    Bits,
    /// An HTTP status inside an HRESULT.
    Http,
    /// The product's own.
    Product,
}

/// What a code means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Described {
    /// The public symbol; empty where there is none.
    pub name: &'static str,
    /// A phrase without full stop.
    pub words: &'static str,
    pub family: Family,
}

/// The general HTTP error of the agent: confirmed by public logs, the symbol is not public.
const PRODUCT_HTTP: u32 = 0x8004_2D21;

/// The facility of an HRESULT that carries an HTTP status.
const FACILITY_HTTP: u32 = 0x8019;

/// What a code means, if a table knows it.
///
/// ```
/// use pkgtrail::model::error_code::describe;
/// let denied = describe(0x8007_0005).unwrap();
/// assert_eq!((denied.name, denied.words), ("ERROR_ACCESS_DENIED", "access is denied"));
/// assert_eq!(describe(-2147024891_i32 as u32), Some(denied));
/// assert_eq!(describe(0x8123_4567), None);
/// ```
pub fn describe(code: u32) -> Option<Described> {
    if let Some(system) = system_error(code) {
        let (table, family) = if !(12_000..13_000).contains(&system) {
            (win32::WIN32, Family::Win32)
        } else {
            (internet::INTERNET, Family::Internet)
        };
        return find(table, system, family);
    }
    if code >> 16 == FACILITY_HTTP {
        let status = u16::try_from(code & 0xFFFF).ok()?;
        return describe_http(status, None).map(|words| Described {
            name: "",
            words,
            family: Family::Http,
        });
    }
    let family = match code {
        PRODUCT_HTTP => Family::Product,
        code if code >> 16 == 0x8020 => Family::Bits,
        _ => Family::Hresult,
    };
    find(hresult::HRESULTS, code, family)
}

fn find(
    table: &[(u32, &'static str, &'static str)],
    code: u32,
    family: Family,
) -> Option<Described> {
    let place = table.binary_search_by_key(&code, |row| row.0).ok()?;
    let (_, name, words) = table[place];
    Some(Described {
        name,
        words,
        family,
    })
}

/// The system error that a code is, or that an HRESULT carries in its low 16 bits.
///
/// ```
/// use pkgtrail::model::error_code::system_error;
/// assert_eq!(system_error(0x8007_0035), Some(53));
/// assert_eq!(system_error(53), Some(53));
/// assert_eq!(system_error(0x8004_2D21), None);
/// ```
pub fn system_error(code: u32) -> Option<u32> {
    match code >> 16 {
        // Zero is success, and no error.
        0 => Some(code).filter(|code| *code != 0),
        0x8007 => Some(code & 0xFFFF),
        _ => None,
    }
}

/// What an HTTP status means; with a substatus that no list knows, what the status alone means.
///
/// ```
/// use pkgtrail::model::error_code::describe_http;
/// assert_eq!(describe_http(404, Some(8)), Some("not found: request filtering hides a part of the path"));
/// assert_eq!(describe_http(404, Some(99)), Some("not found"));
/// assert_eq!(describe_http(299, None), None);
/// ```
pub fn describe_http(status: u16, substatus: Option<u16>) -> Option<&'static str> {
    let find = |sub| {
        let place = http::HTTP
            .binary_search_by_key(&(status, sub), |row| (row.0, row.1))
            .ok()?;
        Some(http::HTTP[place].2)
    };
    find(substatus).or_else(|| find(None))
}

/// A code for a sentence: `0x80070005 (access is denied)`; without words where none are known.
///
/// ```
/// use pkgtrail::model::error_code::told;
/// assert_eq!(told(0x20), "0x00000020 (the file is in use by another process)");
/// assert_eq!(told(0x8123_4567), "0x81234567");
/// ```
pub fn told(code: u32) -> String {
    match describe(code) {
        Some(known) => format!("0x{code:08X} ({})", known.words),
        None => format!("0x{code:08X}"),
    }
}

/// An HTTP status for a sentence: `HTTP 404.8 (not found: ...)`.
pub fn told_http(status: u16, substatus: Option<u16>) -> String {
    let number = match substatus {
        Some(sub) => format!("HTTP {status}.{sub}"),
        None => format!("HTTP {status}"),
    };
    match describe_http(status, substatus) {
        Some(words) => format!("{number} ({words})"),
        None => number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_unique_and_worded_as_phrases() {
        for table in [win32::WIN32, internet::INTERNET, hresult::HRESULTS] {
            for pair in table.windows(2) {
                assert!(pair[0].0 < pair[1].0, "{pair:?}");
            }
        }
        for pair in http::HTTP.windows(2) {
            assert!((pair[0].0, pair[0].1) < (pair[1].0, pair[1].1), "{pair:?}");
        }
        let all = [win32::WIN32, internet::INTERNET, hresult::HRESULTS].concat();
        assert!(all.len() > 500, "{}", all.len());
        for (code, name, words) in all {
            let plain = !words.is_empty() && !words.ends_with('.') && !words.contains('`');
            assert!(plain, "{code}: {words}");
            let symbol = name
                .bytes()
                .all(|one| one.is_ascii_alphanumeric() || one == b'_');
            assert!(
                symbol && (!name.is_empty() || code == PRODUCT_HTTP),
                "{code}: {name}"
            );
        }
        // What another table takes apart would never be found.
        for (code, ..) in hresult::HRESULTS {
            // Above, the meaning depends on who returned it.
            let own = code >> 16 == 0x8004 && code & 0xFFFF > 0x1FF;
            assert!(!own || *code == PRODUCT_HTTP, "{code:X}");
            assert!(
                system_error(*code).is_none() && code >> 16 != FACILITY_HTTP,
                "{code:X}"
            );
        }
        for (number, ..) in internet::INTERNET {
            assert!((12_000..13_000).contains(number));
        }
    }

    #[test]
    fn known_codes_have_their_public_meaning() {
        let known = [
            (0x8007_0005, "ERROR_ACCESS_DENIED", "access is denied"),
            (
                0x8007_2EE7,
                "ERROR_WINHTTP_NAME_NOT_RESOLVED",
                "the server name cannot be resolved",
            ),
            (
                12007,
                "ERROR_WINHTTP_NAME_NOT_RESOLVED",
                "the server name cannot be resolved",
            ),
            (
                0x8020_0013,
                "BG_E_INSUFFICIENT_RANGE_SUPPORT",
                "the server, or a proxy, does not support ranges",
            ),
            (
                0x20,
                "ERROR_SHARING_VIOLATION",
                "the file is in use by another process",
            ),
            (
                0x2C3,
                "ERROR_RECEIVE_PARTIAL",
                "only a part of the data was received",
            ),
            (53, "ERROR_BAD_NETPATH", "the network path was not found"),
            (67, "ERROR_BAD_NET_NAME", "the network name was not found"),
            (
                1789,
                "ERROR_TRUSTED_RELATIONSHIP_FAILURE",
                "the trust between this computer and its domain failed",
            ),
            (
                1450,
                "ERROR_NO_SYSTEM_RESOURCES",
                "not enough system resources",
            ),
            (10_060, "WSAETIMEDOUT", "the connection timed out"),
            (0x8000_4005, "E_FAIL", "unspecified error"),
            (
                0x8004_2D21,
                "",
                "a general HTTP error of the agent; the status stands in the text",
            ),
            (0x8019_0194, "", "not found"),
        ];
        for (code, name, words) in known {
            let found = describe(code).unwrap_or_else(|| panic!("{code:X}"));
            assert_eq!((found.name, found.words), (name, words));
        }
        assert_eq!(describe(-2_147_024_891_i32 as u32), describe(0x8007_0005));
        // The decimal that public logs pair with `HTTP error: 404 Not Found` is the product's own code.
        assert_eq!(describe(-2_147_209_951_i32 as u32), describe(0x8004_2D21));
        assert_eq!(
            describe(0x8004_2D21).map(|one| one.family),
            Some(Family::Product)
        );
        assert_eq!(
            describe(0x8020_0013).map(|one| one.family),
            Some(Family::Bits)
        );
        assert_eq!(
            describe(12007).map(|one| one.family),
            Some(Family::Internet)
        );
        for code in [
            0,
            0x8123_4567,
            0x8004_1010,
            15_000,
            0x8007_FFFF,
            0x8019_0001,
            12_999,
            0xFFFF_FFFF,
        ] {
            assert_eq!(describe(code), None, "{code:X}");
            assert_eq!(told(code), format!("0x{code:08X}"));
        }
    }

    #[test]
    fn statuses_have_a_substatus_or_none() {
        assert_eq!(
            told_http(404, Some(8)),
            "HTTP 404.8 (not found: request filtering hides a part of the path)"
        );
        assert_eq!(
            told_http(503, None),
            "HTTP 503 (the service is not available)"
        );
        assert_eq!(told_http(404, Some(77)), "HTTP 404.77 (not found)");
        assert_eq!(told_http(599, None), "HTTP 599");
    }
}
