//! Passwords, keys, tokens and user information of URLs: dropped always, with or without `--redact`.
//!
//! A secret is known by what stands before it: a name and a sign (`Pwd=x`), an element, an option of
//! a command. What only sounds like one stays: registry keys, `PackageKey`, `PublicKeyToken`.
//! A pattern tells where a secret begins; [`end_of`] tells where it ends. Escaped text is read too:
//! `&lt;Password&gt;`, `Password%3Dx`.
//! All of these forms are assumed; no log of the product with a secret is known.

use super::ends::{End, end_of};
use super::people;
use super::rules::{Rule, Rules};
use super::view::View;
use super::words;
use std::ops::Range;
use std::sync::LazyLock;

/// What stands instead of a secret.
pub const DROPPED: &str = "[dropped]";

/// Names that end like a secret's and are none.
const NO_SECRETS: &[&str] = &[
    "publickey",
    "canceltoken",
    "cancellationtoken",
    "bypass",
    "compass",
];

/// Values that tell that there is a secret, not which.
const NO_VALUES: &[&str] = &[
    "", "null", "true", "false", "none", "yes", "no", "(null", "dropped",
];

/// What stands before a mail address, not before a password.
const LABELS: &[&str] = &[
    "bcc", "by", "cc", "contact", "email", "file", "from", "ftp", "git", "http", "https", "mail",
    "mailto", "owner", "sip", "ssh", "to", "upn", "xmpp",
];

/// Names of passwords, as consoles and forms of many languages have them.
macro_rules! passwords {
    () => {
        r"pass-?word|passwd|passwort|pass[ -]?phrase|passcode|pwd|kennwort|mot de passe|contrase[ñn]a|senha|wachtwoord|heslo|has[łl]o|lösenord|adgangskode|passord|salasana|jelszó|parola|пароль"
    };
}

/// Names of secrets.
macro_rules! secrets {
    () => {
        concat!(
            passwords!(),
            r"|secret|credentials?|(?:api|access|private|shared|account|secret|encryption|master|session)[-_ ]?key|token|accesssignature|sharedaccesskey"
        )
    };
}

/// The first sign of a value, `a` in quotes and `b` without.
macro_rules! value {
    () => {
        r#"(?:(?:\\*"{1,2}|\\*'{1,2}|&quot;|&apos;|&#3[49];|[“„‘«])(?<a>(?s:.))|(?<b>[^\s"'<>;&]))"#
    };
}

/// Words of [`passwords`] that are enough to try the pattern; not "pass", for much has passed.
macro_rules! words {
    ($($more:literal),*) => {
        &[
            "password", "pass-word", "passwd", "passwort", "passphrase", "pass phrase", "pass-phrase", "passcode", "passord", "pwd",
            "kennwort", "mot de passe", "contrase", "senha", "wachtwoord", "heslo", "hasło",
            "hasŁo", "haslo", "lösenord", "lÖsenord", "adgangskode", "salasana", "jelsz", "parola",
            "пароль", "Пароль", "ПАРОЛЬ", $($more),*
        ]
    };
}

/// A switch that names a user, with the value's first sign.
macro_rules! user_switch {
    () => {
        r#"(?:--?|/)(?:u|ru|usr|user|user-?name|login)(?:\s*[:=]\s*|\s+|["']\s*,\s*)\\*["']?[^\s"'/-]"#
    };
}

/// A short switch for a password, which is one only beside a switch for a user.
macro_rules! short_switch {
    () => {
        r#"(?:--?|/)(?:p|rp|pw)(?:(?:[:=]\s*|\s+|["']\s*,\s*)(?:\\*["'](?<a>[^"'])|(?<p>[^\s"'<>/-]))|[:=](?<q>[^\s"'<>]))"#
    };
}

/// Words of switches that name a user.
pub(super) const USER_SWITCHES: &[&str] = &[
    "-login",
    "/login ",
    "-u\"",
    "/u\"",
    "-u'",
    "/u:",
    "-u:",
    "/u ",
    "-u ",
    "/u=",
    "-u=",
    "/ru",
    "-ru",
    "/usr",
    "-usr",
    "/user:",
    "-user:",
    "/user ",
    "-user ",
    "/user=",
    "-user=",
    "/username",
    "-username",
    "-user-name",
];

/// The groups that are secrets.
const GROUPS: [&str; 12] = ["a", "b", "c", "d", "n", "w", "v", "s", "m", "p", "q", "u"];

/// Signs of a sentence around a word.
const SIGNS: [char; 7] = ['.', ':', ',', ';', '!', '?', ')'];

/// The groups of a pattern: `name` is looked up in [`NO_SECRETS`], all others are secrets; `w` only
/// if it does not say how the password is, `m` only if it mixes letters and digits, `n` only if it is
/// no small number, `p` and `q` also if it is no port or file, `u` only without a label before it.
const RULES: &[Rule<End>] = &[
    Rule {
        words: words!("secret", "credential", "key", "token", "signature"),
        pattern: concat!(
            r#"(?i)(?<name>[\w.-]*(?:"#,
            secrets!(),
            r#"))(?:&quot;|\\*["']{1,2})?\s*(?:[=-]>|:=|=|:)\s*"#,
            value!()
        ),
        what: End::Value,
    },
    // Short names, which end other words too.
    Rule {
        words: &[
            "pass=", "pass =", "pass:=", "pass\"", "pass'", "pass\\", "pass&", "pw", "psk", "mdp",
        ],
        pattern: r#"(?i)(?:^|[^\w.-]|[_-])(?:[a-z0-9.]*[_-])?(?:pass|pw|psk|mdp)(?:&quot;|\\*["']{1,2})?\s*(?:=>|:=|=)\s*(?:(?:\\*"{1,2}|\\*'{1,2}|&quot;)(?<a>(?s:.))|(?<n>[^\s"'<>;&]))"#,
        what: End::Value,
    },
    Rule {
        words: &["pass\"", "pass'", "pass\\"],
        pattern: r#"(?i)["'](?:[\w.-]*[_-])?pass\\*["']\s*:\s*\\*["'](?<a>[^"'])"#,
        what: End::Value,
    },
    Rule {
        words: &["pass="],
        pattern: r#"(?<name>[A-Za-z0-9]*[a-z0-9]Pass)=(?:["'](?<a>(?s:.))|(?<n>[^\s"'<>;&]))"#,
        what: End::Value,
    },
    Rule {
        words: &["pw", "psk", "mdp"],
        pattern: concat!(
            r#"(?i)(?:^|[^\w.-]|_)(?:pw|psk|mdp)(?:&quot;|\\*["']{1,2})?\s*:\s*"#,
            value!()
        ),
        what: End::Phrase,
    },
    Rule {
        words: words!("pass ", "pass:", "pw", "secret", "token", "key"),
        pattern: concat!(
            r#"(?i)(?:^|[\s"'(])(?:--?|/)(?:[a-z]+-?){0,3}?(?:"#,
            passwords!(),
            r#"|pass|pw|secret|token|api-?key)(?:\s+|:)(?:["'](?<a>[^"'])|(?<b>[^\s"'<>/-]))"#
        ),
        what: End::Value,
    },
    // "the password is x", "Kennwort ist x", "password for anna: x"; `passwd x`.
    Rule {
        words: words!(),
        pattern: concat!(
            r#"(?i)(?:"#,
            passwords!(),
            r#")\s+(?:(?:(?:is|was|ist|war|lautet|est|es|é|jest|je)\s*:?\s+|(?:for|of|für|von|pour|de)\s+(?:[^\s:=]+\s+){0,2}?[^\s:=]+\s*[:=]\s*)(?:["'‘“„](?<a>[^"'])|(?<w>[^\s"'<>]))|["'‘“](?<c>[^"'’”]))"#
        ),
        what: End::Phrase,
    },
    Rule {
        words: &["passwd"],
        pattern: r#"(?i)(?:^|[^\w./\\-])passwd[ \t]+(?<w>[^\s"'<>=:.,;/\\-])"#,
        what: End::Value,
    },
    Rule {
        words: words!(
            "<pass",
            ":pass",
            "<pw",
            ":pw",
            "<psk",
            "secret",
            "credential",
            "key",
            "token"
        ),
        pattern: concat!(
            r"(?i)<(?:\w+:)?(?:(?<name>[\w.-]*(?:",
            secrets!(),
            r"))|pass|pw|psk)(?:\s[^<>]*[^<>/])?>\s*(?:<(?:value|string)>\s*)?(?:<!\[CDATA\[)?(?<a>[^<\s])"
        ),
        what: End::Element,
    },
    Rule {
        words: &["value=", "value =", "value\"", "value'", "value\\"],
        pattern: concat!(
            r"(?i)<(?:\w+:)?(?:(?<name>[\w.-]*(?:",
            secrets!(),
            r#"))|pass|pw|psk)\s(?:[^<>]*?\s)?value\s*=\s*["'](?<a>[^"'])"#
        ),
        what: End::Value,
    },
    Rule {
        words: &["value=", "value =", "value\"", "value'", "value\\"],
        pattern: concat!(
            r#"(?i)\b(?:key|name|id)\\*["']?\s*[=:]\s*\\*["'][^"']*(?:"#,
            passwords!(),
            r#"|secret)[^"'<>\s]*["'][\s,]*["']?\bvalue\\*["']?\s*[=:]\s*\\*["'](?<a>[^"'])"#
        ),
        what: End::Value,
    },
    Rule {
        words: &["value=", "value =", "value\"", "value'", "value\\"],
        pattern: concat!(
            r#"(?i)\bvalue\s*=\s*(?:"(?<a>[^"<>]*)"|'(?<b>[^'<>]*)')\s+(?:key|name|id)\s*=\s*["'][^"'<>]*(?:"#,
            passwords!(),
            r#"|secret)"#
        ),
        what: End::Match,
    },
    Rule {
        words: &["//", r"\/\/"],
        pattern: r#"(?:\\?/){2}(?<a>[^\s/?#'"<>]+)@"#,
        what: End::Match,
    },
    // A password with slashes; behind the colon stands no port.
    Rule {
        words: &["@"],
        pattern: r#"//(?<a>[^\s/:@'"<>\[\]]+:(?:\d{0,5}[^\d/?#\s@'"<>]|\d{6})[^\s@'"<>]*)@"#,
        what: End::Match,
    },
    Rule {
        words: &["@"],
        pattern: r#"(?:^|[\s"'=(,;])(?<u>[A-Za-z][\w.$-]*:[^\s/\\'"<>]+)@[A-Za-z0-9][\w.-]*(?::\d{2,5}\b|/)"#,
        what: End::Match,
    },
    Rule {
        words: &["authorization"],
        pattern: r#"(?i)\b(?:proxy-)?authorization["']?\s*[:=]\s*["']?(?:(?:basic|bearer|negotiate|ntlm|digest)\s+)?(?<a>[^\r\n'"<]+)"#,
        what: End::Match,
    },
    Rule {
        words: &["bearer ", "basic ", "negotiate ", "ntlm "],
        pattern: r"(?i)\b(?:bearer|basic|negotiate|ntlm)\s+(?<a>[A-Za-z0-9+/=._~-]{16,})",
        what: End::Match,
    },
    // A bare JSON web token begins with `{"` in base64, and a hash has no full stop.
    Rule {
        words: &["eyj"],
        pattern: r"\b(?<a>eyJ[\w-]{10,}(?:\.[\w-]+)+)",
        what: End::Match,
    },
    Rule {
        words: &["product", "licen", "serial"],
        pattern: r#"(?:[Kk]ey|KEY|[Ss]erial|SERIAL)(?: ?[Nn]umber)?["']?[\s:=]{1,4}["']?(?<a>[A-Z0-9]{5}(?:-[A-Z0-9]{5}){3,4})\b"#,
        what: End::Match,
    },
    Rule {
        words: &["pin:", "pin=", "pin :", "pin ="],
        pattern: r"(?i)\bpin\s*[:=]\s*(?<a>\d{4,8})\b",
        what: End::Match,
    },
    Rule {
        words: &["community"],
        pattern: r#"(?i)\bcommunity(?: ?string)?["']?\s*[:=]\s*["']?(?<a>[^\s"'<>;,]+)"#,
        what: End::Match,
    },
    Rule {
        words: words!(),
        pattern: concat!(
            r#"(?i)\b(?:"#,
            passwords!(),
            r#")\s?(?:\[["']?(?<s>[^\]\r\n"']+)|\((?:["'](?<a>[^"'\r\n]+)|(?<w>[^\s()"']+)\)))"#
        ),
        what: End::Match,
    },
    // "password changed from 'x' to 'y'", "Kennwort wurde von x auf y geändert".
    Rule {
        words: words!(),
        pattern: concat!(
            r#"(?i)\b(?:"#,
            passwords!(),
            r#")(?:\s+(?:for|of|für|von|des)\s+(?:(?:user|account|benutzers?|kontos?)\s+)?["']?[\w.$\\@-]+["']?)??\s+(?:(?:has been|was|is|wurde|ist)\s+)?(?:(?:changed|reset|set|updated|modified|geändert)\s+)?(?:from|von)\s+(?:["'‘“](?<a>[^"'’”\r\n]+)["'’”]|(?<w>[^\s"'<>]+))\s+(?:to|in|auf|zu)\s+(?:["'‘“](?<c>[^"'’”\r\n]+)|(?<v>[^\s"'<>]+))"#
        ),
        what: End::Match,
    },
    // "changing the password of anna to x", "set password to x".
    Rule {
        words: words!(),
        pattern: concat!(
            r#"(?i)\b(?:chang(?:e|ed|ing)|set|setting|reset|resetting)\s+(?:the\s+)?(?:"#,
            passwords!(),
            r#")(?:\s+(?:for|of)\s+(?:(?:user|account)\s+)?["']?[\w.$\\@-]+["']?)?\s+to\s+(?:["'‘“](?<c>[^"'’”\r\n]+)|(?<w>[^\s"'<>]+))"#
        ),
        what: End::Match,
    },
    // "password for anna was set to x", "Kennwort auf x gesetzt".
    Rule {
        words: words!(),
        pattern: concat!(
            r#"(?i)\b(?:"#,
            passwords!(),
            r#")(?:\s+(?:for|of|für|von|des)\s+(?:(?:user|account|benutzers?|kontos?)\s+)?["']?[\w.$\\@-]+["']?)?\s+(?:(?:has been|was|is|wurde|ist)\s+)?(?:(?:changed|reset|set|updated)\s+to|(?:geändert\s+|gesetzt\s+)?auf)\s+(?:["'‘“](?<c>[^"'’”\r\n]+)|(?<w>[^\s"'<>]+))"#
        ),
        what: End::Match,
    },
    Rule {
        words: words!(),
        pattern: concat!(
            r#"(?i)\b(?:"#,
            passwords!(),
            r#")\s+(?<m>[^\s"'<>\[\]()\\/:=.,;]{6,})"#
        ),
        what: End::Match,
    },
    Rule {
        words: &["cookie:"],
        pattern: r"(?i)\b(?:set-)?cookie:\s*(?<a>[^\r\n<]+)",
        what: End::Match,
    },
    Rule {
        words: &["private key"],
        pattern: r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----(?<a>.*?)(?:-----END|$)",
        what: End::Match,
    },
    Rule {
        words: &[
            "token=",
            "sig=",
            "key=",
            "code=",
            "sas=",
            "auth=",
            "pin=",
            "session",
            "signature=",
        ],
        pattern: r#"(?i)[?&;](?:amp;)?[\w.-]*(?:token|sig|signature|key|code|sas|auth|pin|session|sessionid)=(?<a>[^&\s'"<>#]+)"#,
        what: End::Match,
    },
    Rule {
        words: &["net use", "net.exe"],
        pattern: r#"(?i)\bnet(?:\.exe)?\s+use\b[^\r\n]*?\s(?:["']?\\\\[^\s"']+["']?\s+(?:["'](?<a>[^"'])|(?<b>[^\s/*"']))\S*?(?:[^"'\r\n]*["'])?\s+/(?:u|pers|save)|/u(?:ser)?:(?:"[^"]*"|\S+)\s+(?:["'](?<c>[^"'])|(?<d>[^\s/*"'])))"#,
        what: End::Word,
    },
    Rule {
        words: &["net user ", "net.exe user ", "net1 user "],
        pattern: r#"(?i)\bnet1?(?:\.exe)?\s+user\s+(?:"[^"]*"|[^\s/]+)\s+(?:"(?<a>[^"])|(?<w>[^\s/*"]+)(?:\s+/|\s*$))"#,
        what: End::Word,
    },
    Rule {
        words: &[
            "psexec", "plink", "sqlcmd", "osql", "schtasks", "wmic", "winrs", "sshpass", "signtool",
        ],
        pattern: r#"(?i)\b(?:psexec|plink|sqlcmd|osql|schtasks|wmic|winrs|sshpass|signtool)\S*\s[^\r\n]*?[-/](?:p|pw|rp|password)[\s:]\s*(?:\\*["'](?<a>[^"'])|(?<b>[^\s"'/-]))"#,
        what: End::Word,
    },
    Rule {
        words: USER_SWITCHES,
        pattern: concat!(
            r#"(?i)(?:^|[\s"'(>;,])"#,
            user_switch!(),
            r#"[^\r\n]*?[\s"']"#,
            short_switch!()
        ),
        what: End::Word,
    },
    Rule {
        words: USER_SWITCHES,
        pattern: concat!(
            r#"(?i)(?:^|[\s"'(>;,])"#,
            short_switch!(),
            r#"[^\r\n]*?[\s"']"#,
            user_switch!()
        ),
        what: End::Word,
    },
    Rule {
        words: &[
            "mysql", "7z ", "7z.exe", "7za ", "7za.exe", "7zr ", "7zz ", "rar.exe", "rar ",
        ],
        pattern: r#"(?:\bmysql\w*(?:\.exe)?\s[^\r\n]*?-p|\b(?:7z\w?|rar|Rar|unrar|UnRAR)(?:\.exe)?["']?\s[^\r\n]*?\s-h?p)(?:["'](?<a>[^"'])|(?<b>[^\s"'-]))|\b(?:7z\w?|rar|Rar)(?:\.exe)?["']?\s[^\r\n]*?\s"-h?p(?<c>[^"])"#,
        what: End::Word,
    },
    Rule {
        words: &["pass:"],
        pattern: r#"(?i)\s-pass(?:in|out)?\s+pass:(?<b>[^\s"'])"#,
        what: End::Word,
    },
    Rule {
        words: &["networkcredential", "pscredential"],
        pattern: r#"(?i)\b(?:network|ps)credential\(\s*["'][^"'\r\n]*["']\s*,\s*["'](?<a>[^"'])"#,
        what: End::Value,
    },
    Rule {
        words: &["curl"],
        pattern: r#"(?i)\bcurl\S*\s[^\r\n]*?(?:-u|--user)\s+(?:"[^":]+:(?<a>[^"])|'?[^\s"':]+:(?<b>[^\s"']))"#,
        what: End::Word,
    },
    Rule {
        words: &["securestring"],
        pattern: r#"(?i)\bConvertTo-SecureString\s+(?:-String\s+)?(?:["'](?<a>[^"'])|(?<b>[^\s"'-]))"#,
        what: End::Value,
    },
];

static TABLE: LazyLock<Option<Rules<End>>> = LazyLock::new(|| Rules::new(RULES));

/// Makes the table that [`without_secrets`] asks, while a core is idle.
pub fn prepare_secrets() {
    LazyLock::force(&TABLE);
}

/// The text without its secrets, if it has any.
///
/// ```
/// use pkgtrail::redact::without_secrets;
/// let told = without_secrets("net use: Password=hunter2; user=anna");
/// assert_eq!(told.as_deref(), Some("net use: Password=[dropped]; user=anna"));
/// assert_eq!(without_secrets("Registry key: HKLM\\SOFTWARE\\Altiris"), None);
/// ```
pub fn without_secrets(text: &str) -> Option<String> {
    let table = TABLE.as_ref()?;
    let mut places = secrets(table, text);
    for view in View::all(text) {
        let read = secrets(table, &view.text);
        places.extend(read.iter().map(|place| view.written(place)));
    }
    if places.is_empty() {
        return None;
    }
    places.sort_by_key(|place| (place.start, place.end));
    let mut out = String::new();
    let mut done = 0;
    for place in places {
        if place.start > done || done == 0 {
            out += &text[done..place.start];
            out += DROPPED;
        }
        done = done.max(place.end);
    }
    Some(out + &text[done..])
}

/// Whether a word stands in the text that says of what follows that it may be a secret. Without one, it
/// has no secret; nor has a text that is put together of such texts, where each ends with its line or
/// in quotes.
pub fn hints_at_secrets(text: &str) -> bool {
    let Some(table) = TABLE.as_ref() else {
        return false;
    };
    let hints = |text: &str| table.worth(text) != 0;
    hints(text) || View::all(text).iter().any(|view| hints(&view.text))
}

/// Where secrets stand.
fn secrets(table: &Rules<End>, text: &str) -> Vec<Range<usize>> {
    let mut places = vec![];
    for (regex, end) in table.among(table.worth(text)) {
        let mut at = 0;
        // Not `captures_iter`: a match may have looked at the next name to know that this value ends.
        while let Some(found) = regex.captures_at(text, at) {
            let first = GROUPS
                .into_iter()
                .filter_map(|group| Some((group, found.name(group)?.range())));
            let name = found.name("name").map_or("", |name| name.as_str());
            let name = name.to_ascii_lowercase();
            let is_none = NO_SECRETS.iter().any(|one| name.contains(one));
            let is_password = *end == End::Value && words!().iter().any(|one| name.contains(one));
            let end = if is_password { End::Phrase } else { *end };
            let mut next = None;
            for (group, first) in first {
                let place = if is_none {
                    first.start..first.start
                } else if end == End::Match {
                    first.clone()
                } else {
                    let is_quoted = matches!(group, "a" | "c");
                    let whole = found.get_match().start();
                    first.start..end_of(text, whole, first.start, is_quoted, end)
                };
                let value = text[place.clone()].trim_end_matches([',', ')', ']', '}']);
                // "Password: not set", but not `Password=set`.
                let is_status = is_password
                    && group == "b"
                    && text[..place.start].ends_with(' ')
                    && says_how(value);
                if is_secret(value, group) && !is_status {
                    places.push(place.start..place.start + value.len());
                }
                let one = text[first.start..].chars().next().map_or(1, char::len_utf8);
                next = next.max(Some(place.end.max(first.start + one)));
            }
            let Some(next) = next.filter(|next| *next <= text.len()) else {
                break;
            };
            at = next;
        }
    }
    places
}

/// Whether every word tells how a password is.
fn says_how(value: &str) -> bool {
    let lower = value.to_lowercase();
    let mut words = lower.split(' ').map(|word| word.trim_matches(SIGNS));
    words.all(people::is_said)
}

/// Whether a value is one, and not dropped already.
fn is_secret(value: &str, group: &str) -> bool {
    let lower = value.to_lowercase();
    let is_small = || lower.len() <= 3 && lower.bytes().all(|byte| byte.is_ascii_digit());
    let is_such = match group {
        "n" => !is_small(),
        "w" | "v" => {
            let word = lower.split(' ').next().unwrap_or_default();
            !is_small() && !people::is_said(word.trim_matches(SIGNS))
        }
        "s" => !says_how(value),
        "p" | "q" => {
            let mut signs = lower.bytes();
            let is_path = [":\\", ":/"]
                .iter()
                .any(|sign| lower.get(1..3) == Some(sign));
            !is_small()
                && !is_path
                && !words::is_file(value)
                && !signs.all(|one| one.is_ascii_digit() || one == b':' && lower.len() > 4)
        }
        "m" => {
            let has = |is: fn(char) -> bool| lower.contains(is);
            has(char::is_alphabetic) && has(|one| one.is_ascii_digit()) && !lower.starts_with("kb")
        }
        "u" => !lower
            .split(':')
            .next()
            .is_some_and(|label| LABELS.contains(&label)),
        _ => true,
    };
    is_such
        && !value.trim_start().starts_with("[dropped")
        && !value.ends_with("[dropped")
        && !value.bytes().all(|byte| byte == b'*')
        && !NO_VALUES.contains(&lower.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::raw::is_time;

    #[test]
    fn every_pattern_is_one() {
        assert_eq!(TABLE.as_ref().unwrap().count(), RULES.len());
    }

    #[test]
    fn secrets_are_dropped_and_the_rest_stays() {
        let cases = [
            ("Password: geheim9 for anna", "Password: [dropped] for anna"),
            ("pwd='geheim9' user='anna'", "pwd='[dropped]' user='anna'"),
            (
                "<User Password=\"geheim9\" Id=\"1\"/>",
                "<User Password=\"[dropped]\" Id=\"1\"/>",
            ),
            ("Password='geheim9 cut here", "Password='[dropped]"),
            (
                "<AccPassword>geheim9</AccPassword>",
                "<AccPassword>[dropped]</AccPassword>",
            ),
            (
                "{\"clientSecret\": \"geheim9\", \"a\": 1}",
                "{\"clientSecret\": \"[dropped]\", \"a\": 1}",
            ),
            (
                "<add key='SqlPassword' value='geheim9'/>",
                "<add key='SqlPassword' value='[dropped]'/>",
            ),
            (
                "Server=sql;Uid=sa;Pwd=geheim9;Timeout=3",
                "Server=sql;Uid=sa;Pwd=[dropped];Timeout=3",
            ),
            (
                "AccountKey=geheim9==;EndpointSuffix=x",
                "AccountKey=[dropped];EndpointSuffix=x",
            ),
            (
                "GET http://anna:geheim9@ps01/a.cab",
                "GET http://[dropped]@ps01/a.cab",
            ),
            (
                "http://anna:ge@heim9@ps01/a.cab",
                "http://[dropped]@ps01/a.cab",
            ),
            (
                "http://ps01/a?id=1&sig=geheim9&x=2",
                "http://ps01/a?id=1&sig=[dropped]&x=2",
            ),
            ("http://ps01/a?key=geheim9", "http://ps01/a?key=[dropped]"),
            (
                "Authorization: Basic YW5uYTpnZWhlaW0=",
                "Authorization: Basic [dropped]",
            ),
            (
                "sent Bearer eyJhbGciOiJIUzI1NiJ9.e30 on",
                "sent Bearer [dropped] on",
            ),
            (
                "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----",
                "-----BEGIN RSA PRIVATE KEY-----[dropped]-----END RSA PRIVATE KEY-----",
            ),
            (
                "setup.exe --password geheim9 /quiet",
                "setup.exe --password [dropped] /quiet",
            ),
            (
                "setup.exe /password:geheim9 /quiet",
                "setup.exe /password:[dropped] /quiet",
            ),
            (
                "net use \\\\ps01\\d geheim9 /user:anna",
                "net use \\\\ps01\\d [dropped] /user:anna",
            ),
            (
                "net use \\\\ps01\\d /user:anna geheim9",
                "net use \\\\ps01\\d /user:anna [dropped]",
            ),
            (
                "psexec \\\\ps01 -u anna -p geheim9 cmd",
                "psexec \\\\ps01 -u anna -p [dropped] cmd",
            ),
            (
                "ConvertTo-SecureString 'geheim9' -AsPlainText",
                "ConvertTo-SecureString '[dropped]' -AsPlainText",
            ),
            ("the password is geheim9", "the password is [dropped]"),
            ("Cookie: sid=geheim9; b=2", "Cookie: [dropped]"),
            // Other languages and short names.
            ("Kennwort: geheim9", "Kennwort: [dropped]"),
            (
                "das Kennwort lautet geheim9.",
                "das Kennwort lautet [dropped]",
            ),
            (
                "<Kennwort>geheim9</Kennwort>",
                "<Kennwort>[dropped]</Kennwort>",
            ),
            ("Mot de passe : geheim9", "Mot de passe : [dropped]"),
            ("contraseña=geheim9, x", "contraseña=[dropped], x"),
            ("CONTRASEÑA: geheim9", "CONTRASEÑA: [dropped]"),
            ("wachtwoord: geheim9", "wachtwoord: [dropped]"),
            ("heslo: geheim9", "heslo: [dropped]"),
            (
                "Hasło: geheim9, HASŁO=geheim9",
                "Hasło: [dropped], HASŁO=[dropped]",
            ),
            ("user anna pw: geheim9", "user anna pw: [dropped]"),
            ("$pw = 'geheim9'", "$pw = '[dropped]'"),
            ("user=anna pass=geheim x", "user=anna pass=[dropped] x"),
            ("DB_PASS=geheim", "DB_PASS=[dropped]"),
            ("smtpPass=geheim", "smtpPass=[dropped]"),
            ("WPA-PSK=geheim9", "WPA-PSK=[dropped]"),
            ("{\"psk\": \"geheim9\"}", "{\"psk\": \"[dropped]\"}"),
            ("passwd geheim", "passwd [dropped]"),
            (
                "cmdkey /add:x /user:anna /pass:geheim",
                "cmdkey /add:x /user:anna /pass:[dropped]",
            ),
            ("setup --db-pass geheim /q", "setup --db-pass [dropped] /q"),
            (
                "password for user anna: geheim9",
                "password for user anna: [dropped]",
            ),
            // User information without a scheme, or with slashes in it.
            ("copy //anna:geheim9@ps01/d", "copy //[dropped]@ps01/d"),
            ("user:geheim9@ps01:8080", "[dropped]@ps01:8080"),
            ("proxy anna:geheim9@ps01:8080", "proxy [dropped]@ps01:8080"),
            (
                "proxy=anna:ge@heim9@ps01.corp:8080;",
                "proxy=[dropped]@ps01.corp:8080;",
            ),
            ("http://anna:ge/heim9@ps01/a", "http://[dropped]@ps01/a"),
            (
                "http:\\/\\/anna:geheim9@ps01\\/a",
                "http:\\/\\/[dropped]@ps01\\/a",
            ),
            // Blanks, signs and quotes in a password.
            (
                "Uid=sa;Pwd=ge heim 9;Timeout=3",
                "Uid=sa;Pwd=[dropped];Timeout=3",
            ),
            ("Uid=sa;Pwd=ge heim;", "Uid=sa;Pwd=[dropped];"),
            ("Pwd={ge;heim9};Timeout=3", "Pwd=[dropped]};Timeout=3"),
            (
                "<Password>ge heim ]9</Password>",
                "<Password>[dropped]</Password>",
            ),
            (
                "<Password><![CDATA[ge<heim]]></Password>",
                "<Password><![CDATA[[dropped]]]></Password>",
            ),
            ("Password=ge&heim9, x", "Password=[dropped], x"),
            ("a?password=geheim9&x=2", "a?password=[dropped]&x=2"),
            ("Password=ge'heim9, x", "Password=[dropped], x"),
            ("'Password=geheim9' x", "'Password=[dropped]' x"),
            ("Password=geheim9,User=anna", "Password=[dropped],User=anna"),
            (
                "{\"password\": \"ge\\\"heim\", \"a\": 1}",
                "{\"password\": \"[dropped]\", \"a\": 1}",
            ),
            (
                "{\\\"password\\\":\\\"ge\\\\\\\"heim\\\",\\\"a\\\":1}",
                "{\\\"password\\\":\\\"[dropped]\\\",\\\"a\\\":1}",
            ),
            ("Password='ge''heim' x", "Password='[dropped]' x"),
            ("Password='it's' x='y'", "Password='[dropped]' x='y'"),
            ("Password=\"D:\\\"", "Password=\"[dropped]\""),
            (
                "\"\"password\"\":\"\"geheim9\"\",1",
                "\"\"password\"\":\"\"[dropped]\"\",1",
            ),
            ("password=\" geheim9\"", "password=\"[dropped]\""),
            // Escaped.
            (
                "&lt;Password&gt;geheim9&lt;/Password&gt;",
                "&lt;Password&gt;[dropped]&lt;/Password&gt;",
            ),
            (
                "&amp;lt;AccPassword&amp;gt;geheim9&amp;lt;/AccPassword&amp;gt;",
                "&amp;lt;AccPassword&amp;gt;[dropped]&amp;lt;/AccPassword&amp;gt;",
            ),
            (
                "Password=&quot;ge&amp;heim9&quot; x",
                "Password=&quot;[dropped]&quot; x",
            ),
            (
                "\\u003cPassword\\u003egeheim9\\u003c/",
                "\\u003cPassword\\u003e[dropped]\\u003c/",
            ),
            (
                "x%3FPassword%3Dgeheim9%26a%3D1",
                "x%3FPassword%3D[dropped]%26a%3D1",
            ),
            ("p\0w\0d\0=\0x\0y\0", "p\0w\0d\0=\0[dropped]"),
            // Others.
            (
                "header eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXI x",
                "header [dropped] x",
            ),
            ("password -> geheim9, x", "password -> [dropped], x"),
            ("Password[geheim9]", "Password[[dropped]]"),
            ("Pass phrase: geheim9", "Pass phrase: [dropped]"),
            ("net password geheim9 now", "net password [dropped] now"),
            ("PIN: 47114711", "PIN: [dropped]"),
            ("community string: geheim9", "community string: [dropped]"),
            (
                "product key ABCDE-12345-FGHIJ-67890-KLMNO",
                "product key [dropped]",
            ),
            (
                "GET /a?id=1;pass=geheim;x=2",
                "GET /a?id=1;pass=[dropped];x=2",
            ),
            (
                "GET /a?id=1;sig=geheim&x=2",
                "GET /a?id=1;sig=[dropped]&x=2",
            ),
            (
                "<Password value=\"geheim9\"/>",
                "<Password value=\"[dropped]\"/>",
            ),
            (
                "<add value='geheim9' key='SqlPassword'/>",
                "<add value='[dropped]' key='SqlPassword'/>",
            ),
            (
                "{\"name\":\"dbPassword\",\"value\":\"geheim9\"}",
                "{\"name\":\"dbPassword\",\"value\":\"[dropped]\"}",
            ),
            ("\"Password\"=\"geheim9\"", "\"Password\"=\"[dropped]\""),
            // Short switches beside one for a user.
            ("app /u:anna /p:geheim9 /q", "app /u:anna /p:[dropped] /q"),
            ("app -p:geheim9 -u:anna", "app -p:[dropped] -u:anna"),
            (
                "app -u CORP\\anna -p geheim9 -x",
                "app -u CORP\\anna -p [dropped] -x",
            ),
            (
                "app --user=anna -p '-ge heim' -x",
                "app --user=anna -p '[dropped]' -x",
            ),
            ("app /user:anna /p:-geheim9", "app /user:anna /p:[dropped]"),
            (
                "\"app.exe /user:anna /p \\\"ge heim\\\" /q\"",
                "\"app.exe /user:anna /p \\\"[dropped]\\\" /q\"",
            ),
            (
                "schtasks /create /ru CORP\\anna /rp geheim9 /tn x",
                "schtasks /create /ru CORP\\anna /rp [dropped] /tn x",
            ),
            (
                "psexec \\\\ps01 -u anna -p \"ge heim\" cmd",
                "psexec \\\\ps01 -u anna -p \"[dropped]\" cmd",
            ),
            (
                "net use Z: \\\\ps01\\d /u:anna geheim9",
                "net use Z: \\\\ps01\\d /u:anna [dropped]",
            ),
            (
                "net use \\\\ps01\\d \"ge heim\" /user:anna",
                "net use \\\\ps01\\d \"[dropped]\" /user:anna",
            ),
            (
                "net use \\\\ps01\\d geheim9 /persistent:no",
                "net use \\\\ps01\\d [dropped] /persistent:no",
            ),
            ("net user anna geheim9 /add", "net user anna [dropped] /add"),
            ("mysql -u root -pgeheim9 db", "mysql -u root -p[dropped] db"),
            ("7z.exe x a.7z -pgeheim9 -y", "7z.exe x a.7z -p[dropped] -y"),
            (
                "openssl x -passin pass:geheim9 -y",
                "openssl x -passin pass:[dropped] -y",
            ),
            (
                "new NetworkCredential('anna', 'geheim9', 'CORP')",
                "new NetworkCredential('anna', '[dropped]', 'CORP')",
            ),
            // Told in a sentence.
            (
                "password changed from 'ge heim' to 'geheim9'.",
                "password changed from '[dropped]' to '[dropped]'.",
            ),
            (
                "Password for anna was changed from geheim8 to geheim9",
                "Password for anna was changed from [dropped] to [dropped]",
            ),
            (
                "Kennwort wurde von 'geheim8' auf 'geheim9' geändert",
                "Kennwort wurde von '[dropped]' auf '[dropped]' geändert",
            ),
            ("password reset to geheim9", "password reset to [dropped]"),
            (
                "das Passwort für anna wurde auf 'geheim9' gesetzt",
                "das Passwort für anna wurde auf '[dropped]' gesetzt",
            ),
            ("Password (geheim9) sent", "Password ([dropped]) sent"),
            ("Kennwort ('ge heim')", "Kennwort ('[dropped]')"),
            ("Password [ge heim]", "Password [[dropped]]"),
            // Blanks and semicolons without quotes.
            ("password=correct horse battery", "password=[dropped]"),
            (
                "Password: ge heim 9, user: anna",
                "Password: [dropped], user: anna",
            ),
            (
                "Password=ge;heim9;Timeout=3",
                "Password=[dropped];Timeout=3",
            ),
            ("Password=ge;heim9 for anna", "Password=[dropped] for anna"),
            (
                "Password: ge heim User: anna",
                "Password: [dropped] User: anna",
            ),
            (
                "Kennwort: mein Hund Bello Benutzer: anna",
                "Kennwort: [dropped] Benutzer: anna",
            ),
            (
                "Password=ge heim user name=anna",
                "Password=[dropped] user name=anna",
            ),
            (
                "Password: geheim9 was rejected",
                "Password: [dropped] was rejected",
            ),
            (
                "Password: geheim9. Please wait",
                "Password: [dropped] Please wait",
            ),
            ("x PASSWORD=ge heim /quiet", "x PASSWORD=[dropped] /quiet"),
            (
                "x PASSWORD=geheim9 D:\\a\\b.msi",
                "x PASSWORD=[dropped] D:\\a\\b.msi",
            ),
            (
                "Password: ge heim\nnext line",
                "Password: [dropped]\nnext line",
            ),
            ("the password is geheim horse", "the password is [dropped]"),
            (
                "GET /a?password=geheim9 80 anna 200",
                "GET /a?password=[dropped] 80 anna 200",
            ),
            (
                "x.exe -login anna -p geheim9",
                "x.exe -login anna -p [dropped]",
            ),
            (
                "{\"c\":\"x -u anna -p geheim9\",\"rc\":0}",
                "{\"c\":\"x -u anna -p [dropped]\",\"rc\":0}",
            ),
            (
                "{\"user\":\"anna\",\"pass\":\"geheim\"}",
                "{\"user\":\"anna\",\"pass\":\"[dropped]\"}",
            ),
            (
                "changing password of CORP\\anna to geheim9",
                "changing password of CORP\\anna to [dropped]",
            ),
            (
                "set the password to 'ge heim'",
                "set the password to '[dropped]'",
            ),
            (
                "Dienstkennwort lautet: ge heim",
                "Dienstkennwort lautet: [dropped]",
            ),
        ];
        for (text, wanted) in cases {
            let told = without_secrets(text).unwrap_or_else(|| panic!("nothing dropped: {text}"));
            assert_eq!(told, wanted);
            assert_eq!(without_secrets(&told), None, "dropped again: {told}");
            assert!(hints_at_secrets(text), "{text}");
        }
    }

    #[test]
    fn a_usual_record_hints_at_no_secret() {
        for text in [
            "<event date='' severity='4' hostName='PS' source='Package Delivery' module='AeXNSCPackageServer.dll' process='AeXNSAgent.exe' pid='38' thread='0' tickCount='0' >",
            "Package {1EC214B8-E862-44A9-B3A6-27D918D136A2} status changed from 'Download Pending' to 'Ready'",
        ] {
            assert!(!hints_at_secrets(text), "{text}");
        }
    }

    /// So none reaches over the end of a line or of what is quoted: parts of a record can be asked one
    /// by one.
    #[test]
    fn no_word_goes_on_behind_a_line_or_a_quote() {
        let words = RULES.iter().flat_map(|rule| rule.words);
        let reaches = |word: &&&str| {
            let before = word.strip_suffix('\'').unwrap_or(word);
            let ends_in_number = before.len() < word.len() && before.ends_with(char::is_numeric);
            is_time(before.as_bytes()) || ends_in_number || before.contains(['\n', '\''])
        };
        assert_eq!(words.filter(reaches).collect::<Vec<_>>(), [&""; 0]);
    }

    #[test]
    fn what_only_sounds_like_a_secret_stays() {
        for text in [
            "Registry key: HKLM\\SOFTWARE\\Altiris",
            "key='HKLM' PackageKey=12",
            "mscorlib, Version=4.0.0.0, PublicKeyToken=b77a5c561934e089",
            "The password has expired",
            "password=****",
            "Password: (null)",
            "robocopy D:\\a E:\\b -p 5",
            "http://ps01:80/a.cab?id=7",
            "mail anna@corp.local",
            "hash='kJQ3k0Q1m2c=' token bucket is empty",
            "copy -p D:\\a",
            "basic check of files done",
            "Verification passed: 3 of 4, pass=2, first-pass=1 bypass=on ProxyByPass=local",
            "compass-pass.exe and D:\\pass\\passwd\\a.xml",
            "the passwd file is missing, passwd file",
            "the password is wrong, Kennwort ist abgelaufen, mot de passe est requis",
            "password for user anna: expired",
            "<Password/>next and <Password></Password> and <Password set='1'/> next",
            "Password=\"\" user=\"anna\" pwd='' x='y' Password=\"\",User=\"anna\"",
            "mail:anna@corp.local/x mailto:anna@corp.local:25 at 12:30 anna@ps01:8080",
            "http://ps01:80/mail/anna@corp.local http://[fd00::1]:80/a@b",
            "// note:a@b",
            "hash eyJhbGciOiJIUzI1NiJ9eyJhbGciOiJIUzI1NiJ9abc= and eyJh.dll",
            "{\"name\":\"password policy\",\"value\":\"strict\"}",
            "the value = 5 of key 'Password age'",
            "password KB5001330, the password protects, pin: 3, spin: 47114711",
            "registry key {1EC214B8-E862-44A9-B3A6-27D918D136A2}",
            "robocopy D:\\a E:\\b /mir -p 5 -u anna",
            "docker run -u root -p 8080:80 nginx, msiexec /p fix.msp /user:anna",
            "mkdir -p D:/a and copy /u /p D:\\a, tar -u a -p /x",
            "net use \\\\ps01\\d /persistent:no and net use * /delete, net use Z: \\\\ps01\\d failed with error 5",
            "net user anna not found, net user anna /delete",
            "password changed for anna, password changed from expired to valid, the password was changed on 3 May",
            "Password length changed from 8 to 12, password policy set to strict, password age from 30 to 60 days",
            "Kennwort geändert von anna, Kennwort wurde auf dem Server geändert",
            "Password (optional), Password (if any), Password [not set], Kennwort (erforderlich)",
            "password: not set, Password: required, Kennwort: nicht gesetzt, Password: must be changed",
            "Password: expired for anna",
            "set password to never expire, reset the password to default",
            "Password expired for CORP\\anna, password for CORP\\anna has expired",
            "the password is not accepted, the password is being changed by the server",
            "100%25 and %COMPUTERNAME% &lt;a&gt; &amp;lt;b",
        ] {
            assert_eq!(without_secrets(text), None, "{text}");
        }
    }
}
