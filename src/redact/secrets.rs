//! Passwords, keys, tokens and user information of URLs: dropped always, with or without `--redact`.
//!
//! A secret is known by what stands before it: a name and a sign (`Pwd=x`), an element, an option of
//! a command. What only sounds like one stays: registry keys, `PackageKey`, `PublicKeyToken`.
//! All of these forms are assumed; no log of the product with a secret is known.

use super::rules::{Rule, Rules};
use std::sync::LazyLock;

/// What stands instead of a secret.
pub const DROPPED: &str = "[dropped]";

/// Names that end like a secret's and are none.
const NO_SECRETS: &[&str] = &["publickey", "canceltoken", "cancellationtoken"];

/// Values that tell that there is a secret, not which.
const NO_VALUES: &[&str] = &["", "null", "true", "false", "none", "yes", "no", "(null"];

/// The groups of a pattern: `name` is looked up in [`NO_SECRETS`], all others are secrets.
const RULES: &[Rule<()>] = &[
    Rule {
        words: &[
            "pass",
            "pwd",
            "secret",
            "credential",
            "key",
            "token",
            "signature",
        ],
        pattern: r#"(?i)(?<name>[\w.-]*(?:password|passwd|passwort|passphrase|passcode|pwd|secret|credentials?|(?:api|access|private|shared|account|secret|encryption|master|session)[-_ ]?key|token|accesssignature|sharedaccesskey))(?:&quot;|["'])?\s*(?:=>|:=|=|:)\s*(?:\\?"(?<a>[^"\\]*)|'(?<b>[^']*)|&quot;(?<c>[^&]*)|(?<d>[^\s"'&;<>]+))"#,
        what: (),
    },
    Rule {
        words: &["pass", "pwd", "secret", "token", "key"],
        pattern: r#"(?i)(?:^|\s)(?:--?|/)(?:[a-z]+-?)?(?:password|passwd|pass|pwd|secret|token|api-?key)(?:\s+|:)(?:"(?<a>[^"]*)|'(?<b>[^']*)|(?<c>[^\s"'<>/-][^\s"'<>]*))"#,
        what: (),
    },
    Rule {
        words: &["password"],
        pattern: r#"(?i)\bpassword\s+(?:is\s+|was\s+)?(?:["'‘“](?<a>[^"'’”]*)|\bis\s+(?<b>[^\s"'<>]+))"#,
        what: (),
    },
    Rule {
        words: &["pass", "pwd", "secret", "credential", "key", "token"],
        pattern: r"(?i)<(?:\w+:)?(?<name>[\w.-]*(?:password|passwd|passphrase|pwd|secret|credentials?|(?:api|access|private|shared|account|secret|encryption)[-_]?key|token))(?:\s[^<>]*)?>\s*(?:<!\[CDATA\[)?(?<a>[^<\]\s][^<\]]*)",
        what: (),
    },
    Rule {
        words: &["pass", "pwd", "secret"],
        pattern: r#"(?i)\b(?:key|name|id)\s*=\s*["'][^"']*(?:password|passphrase|pwd|secret)[^"']*["']\s+value\s*=\s*(?:"(?<a>[^"]*)|'(?<b>[^']*))"#,
        what: (),
    },
    Rule {
        words: &["://"],
        pattern: r#"://(?<a>[^\s/?#'"<>]+)@"#,
        what: (),
    },
    Rule {
        words: &["authorization"],
        pattern: r#"(?i)\b(?:proxy-)?authorization["']?\s*[:=]\s*["']?(?:(?:basic|bearer|negotiate|ntlm|digest)\s+)?(?<a>[^\r\n'"<]+)"#,
        what: (),
    },
    Rule {
        words: &["bearer ", "basic ", "negotiate ", "ntlm "],
        pattern: r"(?i)\b(?:bearer|basic|negotiate|ntlm)\s+(?<a>[A-Za-z0-9+/=._~-]{16,})",
        what: (),
    },
    Rule {
        words: &["cookie:"],
        pattern: r"(?i)\b(?:set-)?cookie:\s*(?<a>[^\r\n<]+)",
        what: (),
    },
    Rule {
        words: &["private key"],
        pattern: r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----(?<a>.*?)(?:-----END|$)",
        what: (),
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
        pattern: r#"(?i)[?&](?:amp;)?[\w.-]*(?:token|sig|signature|key|code|sas|auth|pin|session|sessionid)=(?<a>[^&\s'"<>#]+)"#,
        what: (),
    },
    Rule {
        words: &["net use", "net.exe"],
        pattern: r"(?i)\bnet(?:\.exe)?\s+use\b[^\r\n]*?\s(?:\\\\\S+\s+(?<a>[^\s/*]\S*)\s+/user|/user:\S+\s+(?<b>[^\s/*]\S*))",
        what: (),
    },
    Rule {
        words: &["psexec", "plink", "sqlcmd", "osql", "schtasks", "wmic"],
        pattern: r"(?i)\b(?:psexec|plink|sqlcmd|osql|schtasks|wmic)\S*\s[^\r\n]*?[-/](?:p|pw|rp|password)[\s:]\s*(?<a>[^\s/-]\S*)",
        what: (),
    },
    Rule {
        words: &["curl"],
        pattern: r"(?i)\bcurl\S*\s[^\r\n]*?(?:-u|--user)\s+\S+?:(?<a>\S+)",
        what: (),
    },
    Rule {
        words: &["securestring"],
        pattern: r#"(?i)\bConvertTo-SecureString\s+(?:-String\s+)?(?:"(?<a>[^"]*)|'(?<b>[^']*)|(?<c>[^\s"'-]\S*))"#,
        what: (),
    },
];

static TABLE: LazyLock<Option<Rules<()>>> = LazyLock::new(|| Rules::new(RULES));

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
    let mut text = std::borrow::Cow::Borrowed(text);
    let worth = table.worth(&text);
    if worth == 0 {
        return None;
    }
    for (regex, _) in table.among(worth) {
        let mut out = String::new();
        let mut done = 0;
        for found in regex.captures_iter(&text) {
            let name = found.name("name").map_or("", |name| name.as_str());
            let name = name.to_ascii_lowercase();
            if NO_SECRETS.iter().any(|one| name.contains(one)) {
                continue;
            }
            let group = ["a", "b", "c", "d"].iter().find_map(|one| found.name(one));
            let Some(secret) = group.filter(|one| is_secret(one.as_str())) else {
                continue;
            };
            let kept = secret.as_str().trim_end_matches([',', ')', ']', '}']);
            out += &text[done..secret.start()];
            out += DROPPED;
            done = secret.start() + kept.len();
        }
        if done > 0 {
            out += &text[done..];
            text = out.into();
        }
    }
    match text {
        std::borrow::Cow::Owned(text) => Some(text),
        std::borrow::Cow::Borrowed(_) => None,
    }
}

/// Whether a value is one, and not dropped already.
fn is_secret(value: &str) -> bool {
    let bare = value.trim_end_matches([',', ')', ']', '}']);
    !bare.trim_start().starts_with("[dropped")
        && !bare.bytes().all(|byte| byte == b'*')
        && !NO_VALUES.contains(&bare.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

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
        ];
        for (text, wanted) in cases {
            let told = without_secrets(text).unwrap_or_else(|| panic!("nothing dropped: {text}"));
            assert_eq!(told, wanted);
            assert_eq!(without_secrets(&told), None, "dropped again: {told}");
        }
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
        ] {
            assert_eq!(without_secrets(text), None, "{text}");
        }
    }
}
