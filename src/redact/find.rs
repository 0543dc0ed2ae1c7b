//! Identities in a text, known by where they stand.

use super::address::{self, Row};
use super::people;
use super::rules::{Rule, Rules};
use super::secrets::USER_SWITCHES;
use super::walk::Field;
use super::words;
use std::ops::Range;
use std::sync::LazyLock;

/// What kind of identity it is; the name that replaces one begins with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Host,
    Domain,
    User,
    Sid,
    Ip,
    Mac,
    Mail,
    Query,
}

impl Kind {
    pub const ALL: [Kind; 8] = [
        Kind::Host,
        Kind::Domain,
        Kind::User,
        Kind::Sid,
        Kind::Ip,
        Kind::Mac,
        Kind::Mail,
        Kind::Query,
    ];

    /// The word before the number.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Host => "HOST",
            Kind::Domain => "DOMAIN",
            Kind::User => "USER",
            Kind::Sid => "SID",
            Kind::Ip => "IP",
            Kind::Mac => "MAC",
            Kind::Mail => "MAIL",
            Kind::Query => "QUERY",
        }
    }
}

/// What stands at a place of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// Something that stays, whatever stands in it: a GUID, a version, a hash.
    Keep,
    Identity(Kind),
    /// An address by its form, perhaps a version.
    MaybeIp,
    /// `a\b`: a user if `a` is a domain or a host.
    MaybeUser,
    /// `A\b`: a user if it is no path elsewhere.
    Account,
    /// `a\b` in the path of a file: no user.
    Path,
    /// Somebody, if one believes the sentence: replaced where it stands so, not elsewhere.
    Somebody,
    /// The name that is shown of somebody, if no package is called so.
    Person,
    /// Twelve digits that are a MAC address if it is known.
    MaybeMac,
}

/// One find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub place: Range<usize>,
    pub what: What,
    /// As it is told apart from others: lower case, addresses in their usual form.
    pub original: String,
}

const HOST: What = What::Identity(Kind::Host);
const USER: What = What::Identity(Kind::User);

/// Words before the name of a user, in German, French, Spanish, Dutch, Italian, Czech and Polish.
macro_rules! users {
    () => {
        r"benutzer(?:name|konto)?|anmeldename|kontoname|besitzer|(?:nom d.)?utilisateur|(?:nombre de )?usuario|gebruiker(?:snaam)?|(?:nome )?utente|uživatel(?:ské jméno)?|(?:nazwa )?użytkownika?"
    };
}

/// What every word before the name of a user has.
const USERS: &[&str] = &[
    "user",
    "uid",
    "runas",
    "run as",
    "author",
    "created",
    "modified",
    "changed",
    "account",
    "login",
    "logon",
    "owner",
    "operator",
    "benutzer",
    "anmeldename",
    "kontoname",
    "besitzer",
    "utilisateur",
    "usuario",
    "gebruiker",
    "utente",
    "ivatel",
    "ytkownik",
];

/// Words that tell that somebody asked for something.
const ASKED: &[&str] = &[
    "initiated",
    "requested",
    "approved",
    "authoris",
    "authoriz",
    "ordered",
    "submitted",
    "initiiert",
    "veranlasst",
    "angefordert",
    "genehmigt",
    "beauftragt",
    "angeordnet",
];

/// Words before the name that is shown of somebody.
const DISPLAYED: &[&str] = &[
    "fullname",
    "full_name",
    "full name",
    "displayname",
    "display_name",
    "display name",
    "anzeigename",
];

/// The groups: `host` is a name with or without its domain, `user` one with or without a domain
/// before or behind it, `domain` a domain, all others what the rule says.
const RULES: &[Rule<What>] = &[
    Rule {
        words: &["-"],
        pattern: r"(?i)(?<a>\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b)",
        what: What::Keep,
    },
    Rule {
        words: &["="],
        pattern: r"(?:^|[^A-Za-z0-9+/])(?<a>[A-Za-z0-9+/]{43}=)",
        what: What::Keep,
    },
    Rule {
        words: &["@"],
        pattern: r"(?<mail>[\w.%+-]*[\w%+-]@[\w-]+(?:\.[\w-]+)+)",
        what: What::Identity(Kind::Mail),
    },
    Rule {
        words: &["s-1-"],
        // `HKU\S-1-5-21-..._Classes`.
        pattern: r"(?i)(?:\b|_)(?<sid>S-1-5-21(?:-\d+){3,14}|S-1-12-1(?:-\d+){2,8}|S-1-15-[23](?:-\d+){6,12})(?:\b|_)",
        what: What::Identity(Kind::Sid),
    },
    Rule {
        words: &["hkey_users", "hku\\", "hku:"],
        pattern: r"(?i)\b(?:HKEY_USERS|HKU:?)\\{1,4}(?<hive>[\w.-]+\\{1,4}\w[\w.$-]*)",
        what: USER,
    },
    // `srv\c$`, `share SRV1\x`.
    Rule {
        words: &["$"],
        pattern: r#"(?i)(?:^|[^\w\\/:.$%-])(?<share>[a-z][\w.-]*\\{1,2}[\w-]+\$)(?:$|[^\w$])"#,
        what: What::Path,
    },
    Rule {
        words: &[
            "share ", "share:", "share=", "freigabe", "unc path", "uncpath", "unc-pfad", "unc:",
            "unc=", "net use", "partage",
        ],
        pattern: r#"(?i)\b(?:share|(?:netzwerk)?freigabe|unc(?: ?path|-pfad)?|partage|net use(?: [a-z]:)?)(?:\s*[:=]\s*|\s+)["']?(?<share>[a-z][a-z0-9]*(?:[0-9.-][\w.-]*)\\{1,2}\w[\w.$-]*)"#,
        what: What::Path,
    },
    Rule {
        words: &["://", r":\/\/"],
        pattern: r#"(?i)\b[a-z][a-z0-9+.-]*:(?:\\?/){2}(?:(?:\\?/){2})?(?:[^\s/?#'"<>@]*@)?(?<host>[\w][\w.-]*)"#,
        what: HOST,
    },
    Rule {
        words: &["?"],
        pattern: r#"[\w/.)}](?<query>\?[^\s'"<>|#]*=[^\s'"<>|#]*)"#,
        what: What::Identity(Kind::Query),
    },
    Rule {
        words: &[r"\\"],
        // Twice as many backslashes in JSON.
        pattern: r"(?:^|[^\w:\\]|(?:^|[^\w\\])[a-z]{2,8}:)\\{2,8}(?:[?.]\\{1,4}UNC\\{1,4})?(?<unc>(?<host>\w[\w.-]*)(?:\\{1,4}\w[\w.$-]*)?)",
        what: HOST,
    },
    Rule {
        words: &["//"],
        pattern: r#"(?:^|[\s"'=(,;])//(?<host>\w[\w.-]*)/"#,
        what: HOST,
    },
    Rule {
        words: &["on ", "from ", "to ", "at ", "auf ", "von "],
        pattern: r"\b(?:[Oo]n|[Ff]rom|[Tt]o|[Aa]t|[Aa]uf|[Vv]on)\s+(?<machine>[A-Z]{2}[A-Z0-9-]*\d[A-Z0-9-]*)(?:$|[^\w\\/-])",
        what: HOST,
    },
    Rule {
        words: &["client ", "peer ", "device ", "rechner "],
        pattern: r"(?i)\b(?:client|peer|device(?: name)?|rechner)\s+(?<machine>[a-z]{2}[a-z0-9-]*\d[a-z0-9-]*)(?:$|[^\w\\/.-]|\.(?:\s|$))",
        what: HOST,
    },
    Rule {
        words: &["connect", "proxy", "gateway", "peer", "endpoint", "to "],
        pattern: r#"(?i)\b(?:(?:connect\w*\s+)?to|connect\w*|proxy|gateway|peer|endpoint)\s*[:=]?\s*["']?(?<machine>[a-z][\w-]+):\d{2,5}\b"#,
        what: HOST,
    },
    Rule {
        words: &["ping ", "nslookup ", "tracert ", "telnet ", "ssh "],
        pattern: r"(?i)\b(?:ping|nslookup|tracert|telnet|ssh)\s+(?:-\w+\s+)*(?<host>[a-z][\w-]*\d[\w.-]*)",
        what: HOST,
    },
    Rule {
        words: &[
            "http/",
            "host/",
            "cifs/",
            "termsrv/",
            "mssqlsvc/",
            "ldap/",
            "wsman/",
        ],
        pattern: r#"(?i)(?:^|[\s"'=(,])(?:http|host|cifs|termsrv|mssqlsvc|ldap|wsman)/(?<host>[a-z][\w.-]*)"#,
        what: HOST,
    },
    Rule {
        words: &[
            "host",
            "computer",
            "machine",
            "workstation",
            "server",
            "fqdn",
            "netbios",
        ],
        pattern: r#"(?i)(?:<(?:\w+:)?|<data\s+name=["'])(?:host|host_?name|computer|computer_?name|machine|machine_?name|server|server_?name|workstation|workstation_?name|fqdn|netbios_?name)["']?(?:\s[^<>]*[^<>/])?>\s*(?<host>\w[\w.-]*)\s*<"#,
        what: HOST,
    },
    Rule {
        words: USERS,
        pattern: r#"(?i)(?:<(?:\w+:)?|<data\s+name=["'])(?:(?:target|subject|last|logon)?_?user_?(?:name)?|account_?name|owner|author|(?:created|modified|changed)_?by|operator|log[io]n_?name)["']?(?:\s[^<>]*[^<>/])?>\s*(?<user>(?:[\w.-]*\\)?\w[\w.$ -]*(?:@[\w.-]+)?)\s*<"#,
        what: USER,
    },
    Rule {
        words: &[
            "psexec", "plink", "curl", "sqlcmd", "osql", "wmic", "schtasks", "winrs",
        ],
        pattern: r#"(?i)\b(?:psexec|plink|curl|sqlcmd|osql|wmic|schtasks|winrs)\S*(?:\s[^\r\n]*?)?\s[-/](?:u|ru|user|username)[:\s]\s*["']?(?<user>(?:[\w.-]*\\)?\w[\w.$-]*)"#,
        what: USER,
    },
    Rule {
        words: &["@"],
        pattern: r#"(?:^|[\s"':;,])(?<user>\p{Lu}[\w'-]+,? \p{Lu}[\w'-]+(?: \p{Lu}[\w'-]+)?)["']?\s*(?:<|&lt;|\[mailto:)[\w.%+-]+@"#,
        what: USER,
    },
    Rule {
        words: &[
            "-computer",
            "/computer",
            "-server",
            "/server",
            "/node",
            "-node",
            "-host",
            "/host",
        ],
        pattern: r#"(?i)(?:^|\s)[-/](?:computer(?:name)?|server|node|host(?:name)?)[:\s]\s*["']?(?<host>\w[\w.-]*)"#,
        what: HOST,
    },
    Rule {
        words: &["@"],
        pattern: r"(?:^|[^\w.@/-])(?<at>\w[\w.-]*@[A-Za-z][\w-]*)(?:$|[^\w.@-]|\.(?:\s|$))",
        what: What::MaybeUser,
    },
    Rule {
        words: &["appdata", "ntuser", "local settings"],
        pattern: r#"(?i)[\\/](?<home>[^\\/:*?"<>|\r\n]{1,64})[\\/]{1,2}(?:appdata|ntuser|local settings)\b"#,
        what: USER,
    },
    Rule {
        words: &["domain "],
        pattern: r"\b[Dd]omain\s+(?<domain>[A-Z][A-Z0-9-]{2,14})(?:$|[^\w-])",
        what: What::Identity(Kind::Domain),
    },
    Rule {
        words: &["mac", "adapter", "physical", "physische", "ethernet"],
        pattern: r#"(?i)\b(?:mac(?:[ _-]?addr\w*)?|(?:ethernet|network)?[ _-]?adapter|(?:physical|physische) addr?ess?e?|ethernet)["']?\s*[:=]?\s*["']?(?<mac>[0-9a-f]{12})\b"#,
        what: What::Identity(Kind::Mac),
    },
    Rule {
        words: &["cn="],
        pattern: r#"(?i)\bCN=(?<cn>(?:\\,|[^,;/"'<>\r\n=\\]){1,64})"#,
        what: USER,
    },
    Rule {
        words: &["dc="],
        pattern: r"(?i)\bDC=(?<domain>\w[\w-]*)",
        what: What::Identity(Kind::Domain),
    },
    Rule {
        words: &[
            "host",
            "computer",
            "machine",
            "workstation",
            "server",
            "rechner",
            "ordinateur",
            "equipo",
            "netbios",
            "fqdn",
            "data source",
        ],
        pattern: r#"(?i)\b(?:host|host ?name|computer|(?:s-)?computer ?(?:name|naam)|machine|machine ?name|workstation|server|server ?name|rechner(?:name)?|(?:nom de l.)?ordinateur|(?:nombre (?:de|del) )?equipo|netbios[ -]?name|(?:node|dns)[ -]?(?:host|computer)?name|fqdn|data source|(?:package|site|task|notification) server)\\*["'%]?\s*[:=]\s*(?:&quot;|\\*["'])?(?:tcp:)?(?<host>\w[\w.-]*)"#,
        what: HOST,
    },
    Rule {
        words: &[
            "host",
            "computer",
            "machine",
            "workstation",
            "server",
            "rechner",
            "client",
            "peer",
            "device",
        ],
        pattern: r#"(?i)\b(?:host|host ?name|computer|machine|workstation|server|rechner|client|peer|device(?: name)?)\s+["'‘“](?<host>\w[\w.-]*)["'’”]"#,
        what: HOST,
    },
    Rule {
        words: &["host", "computer", "machine", "workstation", "server"],
        pattern: r"(?i)\b(?:host|computer|machine|workstation|server)\s+(?:on\s+|at\s+)?(?<host>[a-z][a-z0-9-]*\d[\w.-]*)",
        what: HOST,
    },
    Rule {
        words: &["."],
        pattern: r"(?:^|[^\w.\\/@%-])(?<fqdn>[A-Za-z0-9][\w-]*(?:\.[a-z0-9][a-z0-9-]*)+\.[a-z]{2,15})(?:$|[^\w\\@-])",
        what: HOST,
    },
    Rule {
        words: &[".local", ".lan", ".corp", ".internal", ".intra", ".intern"],
        pattern: r"(?i)(?:^|[^\w.%-])(?<fqdn>[a-z0-9][\w-]*(?:\.[a-z0-9][\w-]*)*\.(?:local|lan|corp|internal|intra|intranet|intern))(?:$|[^\w.-]|\.(?:\W|$))",
        what: HOST,
    },
    Rule {
        words: &["domain", "domäne", "domÄne", "dominio", "domein"],
        pattern: r#"(?i)\b(?:user(?:dns)?domain|domäne|domaine|dominio|domein|(?:target|subject)domainname|(?:dns ?)?domain(?: ?name)?)["']?\s*(?:[:=]\s*["']?|["'‘“])(?<domain>[a-z0-9][\w.-]*)"#,
        what: What::Identity(Kind::Domain),
    },
    Rule {
        words: USERS,
        pattern: concat!(
            r#"(?i)\b(?:(?:target|subject|(?:proxy|sql|db|svc|service|smtp|ftp|web|admin|domain|net|auth|local)[_-]?)?user(?:[ _]?name)?|account(?:[ _]name)?|log[io]n(?:[ _]name)?|owner|operator|(?:cs-)?username|users|uid|user[ -]?id|sam ?account ?name|run ?as|author|(?:created|modified|changed) ?by|"#,
            users!(),
            r#")\\*["']?\s*[:=]\s*(?:&quot;|\\*["'])?(?<user>(?:\.?[\w.-]*\\{1,4})?[\w.$-]+(?:@[\w.-]+)?)"#
        ),
        what: USER,
    },
    Rule {
        words: USERS,
        pattern: concat!(
            r#"(?i)\b(?:user(?: ?name)?|account(?: name)?|log[io]n|owner|operator|"#,
            users!(),
            r#")(?:\s+|\s*[:=]\s*)["'‘“„](?<user>[\w., $\\@-]+)["'’”“]"#
        ),
        what: USER,
    },
    Rule {
        words: USERS,
        pattern: r"(?i)\b(?:by|for|as|of|from|durch|von|vom|für|par|por|door)\s+(?:the\s+|den\s+|l.)?(?:user|benutzer|utilisateur|usuario|gebruiker)\s+(?<whose>(?:[\w.-]*\\{1,4})?[\w.$-]+(?:@[\w.-]+)?)",
        what: USER,
    },
    Rule {
        words: &[
            "logged on",
            "logged in",
            "signed in",
            "impersonat",
            "angemeldet als",
        ],
        pattern: r#"(?i)\b(?:logged o?i?n|signed in|impersonat\w+|angemeldet als)(?:\s+as)?(?:\s+(?:user|benutzer))?:?\s+["']?(?<user>(?:[\w.-]*\\{1,4})?[\w.$-]+(?:@[\w.-]+)?)"#,
        what: USER,
    },
    Rule {
        words: &["\\"],
        pattern: r#"(?i)(?:\b(?:by|as|for|from|user|account|owner|identity|log[io]n)(?:\s+|\s*:\s*)|/user:)["']?(?<user>[\w.-]*\\{1,4}\w[\w.$-]*)(?:$|[^\w\\.$-]|\.(?:\s|$))"#,
        what: USER,
    },
    Rule {
        words: &["\\"],
        pattern: r#"(?:^|[^\w\\/:.{}@-])(?<upper>[A-Z][A-Z0-9-]{1,14}\\{1,2}[A-Za-z][\w.$-]*)(?:$|[^\w\\$-])"#,
        what: What::Account,
    },
    Rule {
        words: &["\\"],
        pattern: r#"(?:^|[^\w\\/:.{}@-])(?<pair>[A-Za-z][\w.-]*\\{1,4}\w[\w.$-]*)"#,
        what: What::MaybeUser,
    },
    // Switches of commands; short ones beside one for a password.
    Rule {
        words: &["/user", "-user", "/ru ", "-runas", "/runas"],
        pattern: r#"(?i)(?:^|[\s"'(])(?:--?|/)(?:(?:ru|user|user-?name|runas-?user)[:=]\s*|ru\s+)["']?(?<user>(?:[\w.-]*\\{1,4})?\w[\w.$-]*(?:@[\w.-]+)?)"#,
        what: USER,
    },
    Rule {
        words: USER_SWITCHES,
        pattern: r#"(?i)(?:^|[\s"'(>;,])(?:--?|/)(?:u|usr|user|user-?name|login)(?:\s*[:=]\s*|\s+|["']\s*,\s*)\\*["']?(?<user>(?:[\w.-]*\\{1,4})?\w[\w.$-]*(?:@[\w.-]+)?)\\*["']?[\s,](?:[^\r\n]*?[\s"'])?(?:--?|/)(?:p|pw|pwd|pass\w*)[:=\s"']"#,
        what: USER,
    },
    Rule {
        words: USER_SWITCHES,
        pattern: r#"(?i)(?:^|[\s"'(>;,])(?:--?|/)(?:p|pw|pwd|pass\w*)[:=\s"'][^\r\n]*?[\s"'](?:--?|/)(?:u|usr|user|user-?name|login)(?:\s*[:=]\s*|\s+|["']\s*,\s*)\\*["']?(?<user>(?:[\w.-]*\\{1,4})?\w[\w.$-]*(?:@[\w.-]+)?)"#,
        what: USER,
    },
    Rule {
        words: &[
            "sqlcmd",
            "bcp ",
            "osql",
            "isql",
            "schtasks",
            "tasklist",
            "taskkill",
            "systeminfo",
            "gpresult",
            "getmac",
            "openfiles",
        ],
        pattern: r"(?i)\b(?:sqlcmd|bcp|osql|isql|schtasks|tasklist|taskkill|systeminfo|gpresult|getmac|openfiles)(?:\.exe)?\s(?:[^\r\n]*?\s)?[-/]S\s+(?<host>[a-z][\w.-]*)",
        what: HOST,
    },
    Rule {
        words: &["obj="],
        pattern: r#"(?i)\bobj=\s*["']?(?<user>[\w.-]*\\{1,4}\w[\w.$-]*)"#,
        what: USER,
    },
    Rule {
        words: &["net use ", "net.exe"],
        pattern: r#"(?i)\bnet(?:\.exe)?"?\s+use\s[^\r\n]*?/u:["']?(?<user>(?:[\w.-]*\\{1,4})?\w[\w.$-]*(?:@[\w.-]+)?)"#,
        what: USER,
    },
    Rule {
        words: &["ssh ", "scp ", "sftp ", "plink", "pscp", "winscp"],
        pattern: r"(?i)\b(?:ssh|scp|sftp|plink|pscp|winscp)(?:\.exe|\.com)?\s(?:[^\r\n]*?\s)?(?<user>[a-z][\w.-]*)@(?<host>[a-z][\w.-]*)",
        what: USER,
    },
    Rule {
        words: &["net user ", "net.exe user ", "net1 user "],
        pattern: r#"(?i)\bnet1?(?:\.exe)?\s+user\s+"?(?<user>[\w.$-]+)"#,
        what: USER,
    },
    // "requested by x": nobody else asks for things.
    Rule {
        words: ASKED,
        pattern: r#"(?i)\b(?:initiated|requested|approved|authori[sz]ed|ordered|submitted|veranlasst|angefordert|genehmigt|beauftragt|angeordnet)\s+(?:by|durch|von)(?:\s+(?:user|operator|benutzer|admin|administrator))?:?\s+["'‘“]?(?<who>[A-Za-zÀ-ÖØ-öø-ž][A-Za-zÀ-ÖØ-öø-ž0-9_.-]*)"#,
        what: What::Somebody,
    },
    Rule {
        words: ASKED,
        pattern: r#"(?i)\b(?:durch|von)\s+["'‘“„]?(?<who>[A-Za-zÀ-ÖØ-öø-ž][A-Za-zÀ-ÖØ-öø-ž0-9_.-]*)["'’“”]?\s+(?:initiiert|veranlasst|angefordert|genehmigt|beauftragt|angeordnet)\b"#,
        what: What::Somebody,
    },
    Rule {
        words: &[
            "run as ",
            "runs as ",
            "running as ",
            "ran as ",
            "runas ",
            "started as ",
            "login as",
            "logs on as ",
            "logging as ",
            "log on as ",
            "logging in as ",
            "logging on as ",
            "connected as ",
            "connecting as ",
            "authenticated as ",
            "ausgeführt als ",
            "läuft als ",
            "anmeldung als ",
            "gestartet als ",
        ],
        pattern: r#"(?i)\b(?:run|runs|running|ran|runas|started|login|logs? on|logging [io]n|connect(?:ed|ing)|authenticated|ausgeführt|läuft|anmeldung|gestartet)\s+(?:as|als)(?:\s+(?:user|account|benutzer))?:?\s+["'‘“]?(?<who>[A-Za-zÀ-ÖØ-öø-ž][A-Za-zÀ-ÖØ-öø-ž0-9_.-]*)"#,
        what: What::Somebody,
    },
    Rule {
        words: &[
            "edby",
            "ed_by",
            "ed by:",
            "ed by=",
            "ed by\"",
            "ed by'",
            "ed by :",
            "ed by =",
            "ausführen als",
        ],
        pattern: r#"(?i)\b(?:(?:requested|initiated|started|updated|approved|deleted|submitted|triggered)[ _]?by|ausführen als)\\*["']?\s*[:=]\s*\\*["']?(?<who>[A-Za-zÀ-ÖØ-öø-ž][A-Za-zÀ-ÖØ-öø-ž0-9_.-]*)"#,
        what: What::Somebody,
    },
    Rule {
        words: &[
            "user (",
            "user [",
            "user(",
            "user[",
            "name (",
            "name [",
            "account (",
            "account [",
            "benutzer (",
            "benutzer [",
        ],
        pattern: r"(?i)\b(?:user(?: ?name)?|account|benutzer(?:name)?)\s*[\[(](?<who>[A-Za-zÀ-ÖØ-öø-ž][A-Za-zÀ-ÖØ-öø-ž0-9_.-]*)[\])]",
        what: What::Somebody,
    },
    Rule {
        words: &["des benutzers "],
        pattern: r#"(?i)\bdes benutzers\s+["'„]?(?<who>[A-Za-zÀ-ÖØ-öø-ž][A-Za-zÀ-ÖØ-öø-ž0-9_.-]*)"#,
        what: What::Somebody,
    },
    // "deleted by x": tools do that too.
    Rule {
        words: &[" by ", " durch ", " von "],
        pattern: r#"(?i)\b(?:triggered|started|changed|modified|deleted|removed|created|cancell?ed|performed|forced|executed|launched|enabled|disabled|updated|edited|scheduled|stopped|aborted|invoked|installed|uninstalled|copied|moved|renamed|owned|configured|ausgelöst|gestartet|geändert|gelöscht|entfernt|erstellt|angelegt|ausgeführt|abgebrochen|beendet|angestoßen|bearbeitet|gestoppt|durchgeführt|vorgenommen)\s+(?:by|durch|von):?\s+["'‘“]?(?<doer>[A-Za-zÀ-ÖØ-öø-ž][A-Za-zÀ-ÖØ-öø-ž0-9_.-]*)"#,
        what: What::Somebody,
    },
    Rule {
        words: &["durch ", "von "],
        pattern: r#"(?i)\b(?:durch|von)\s+["'‘“„]?(?<doer>[A-Za-zÀ-ÖØ-öø-ž][A-Za-zÀ-ÖØ-öø-ž0-9_.-]*)["'’“”]?\s+(?:ausgelöst|gestartet|geändert|gelöscht|entfernt|erstellt|angelegt|ausgeführt|abgebrochen|beendet|angestoßen|bearbeitet|gestoppt|durchgeführt|vorgenommen)\b"#,
        what: What::Somebody,
    },
    Rule {
        words: &["user ", "benutzer ", "operator "],
        pattern: r#"(?i)(?:^|[^\w-])(?:user|benutzer|operator)\s+(?<who>[A-Za-zÀ-ÖØ-öø-ž][A-Za-zÀ-ÖØ-öø-ž0-9_.-]*)\s+(?:has\s+|hat\s+|was\s+|wurde\s+|is\s+|ist\s+)?(?:changed|selected|started|stopped|deleted|removed|created|requested|initiated|triggered|logged|signed|asked|forced|approved|cancell?ed|modified|updated|edited|opened|closed|ran|added|copied|moved|renamed|disabled|enabled|launched|executed|connected|disconnected|authenticated|clicked|scheduled|uninstalled|installed|from|at|on|hat|angemeldet|abgemeldet|gelöscht|geändert|gestartet|startete?|änderte?|löschte?|beendete?|entfernte?|öffnete?)\b"#,
        what: What::Somebody,
    },
    // "initiated by Anna Schmidt", "Anna Schmidt changed".
    Rule {
        words: &[
            " by ",
            " durch ",
            " von ",
            "user ",
            "benutzer ",
            " as ",
            " als ",
        ],
        pattern: r#"(?:\b(?:[Bb]y|[Dd]urch|[Vv]on|[Aa]s|[Aa]ls):?|(?:^|[^\w\s]\s*)(?:User|Benutzer))\s+["'‘“„]?(?<given>[A-ZÀ-ÖØ-ÞĀ-Ž][a-zß-öø-ÿā-ž]+(?:-[A-ZÀ-ÖØ-ÞĀ-Ž][a-zß-öø-ÿā-ž]+)?,? (?:[A-ZÀ-ÖØ-ÞĀ-Ž]\. )?[A-ZÀ-ÖØ-ÞĀ-Ž][a-zß-öø-ÿā-ž]+(?:-[A-ZÀ-ÖØ-ÞĀ-Ž][a-zß-öø-ÿā-ž]+)?)"#,
        what: What::Person,
    },
    // Where a field says that it is the name of somebody.
    Rule {
        words: &[
            "full name",
            "fullname",
            "full_name",
            "ger name",
            "voller name",
            "nachname",
            "vorname",
            "surname",
            "given",
            "last name",
            "lastname",
            "first name",
            "firstname",
            "familienname",
            "nom complet",
            "nombre completo",
        ],
        pattern: r#"(?i)\b(?:full[ _]?name|vollständiger name|voller name|vor- und nachname|nom complet|nombre completo)\\*["']?\s*[:=]\s*(?:&quot;|\\*["'])?(?-i:(?<person>[A-ZÀ-ÖØ-ÞĀ-Ž](?:[A-Za-zÀ-ÖØ-öø-ž-]|'[A-Za-zÀ-ÖØ-öø-ž])+(?:,? [A-ZÀ-ÖØ-ÞĀ-Ž](?:[A-Za-zÀ-ÖØ-öø-ž-]|'[A-Za-zÀ-ÖØ-öø-ž])*\.?){1,3}))"#,
        what: What::Person,
    },
    Rule {
        words: &[
            "nachname",
            "vorname",
            "surname",
            "givenname",
            "given name",
            "given_name",
            "last name",
            "lastname",
            "last_name",
            "first name",
            "firstname",
            "first_name",
            "familienname",
        ],
        pattern: r#"(?i)\b(?:nachname|vorname|surname|given[ _]?name|last[ _]?name|first[ _]?name|familienname)\\*["']?\s*[:=>]\s*(?:&quot;|\\*["'])?(?-i:(?<name>[A-ZÀ-ÖØ-ÞĀ-Ž](?:[A-Za-zÀ-ÖØ-öø-ž-]|'[A-Za-zÀ-ÖØ-öø-ž])+))"#,
        what: What::Person,
    },
    Rule {
        words: DISPLAYED,
        pattern: r#"(?i)\b(?:display[ _]?name|anzeigename|full[ _]?name)\\*["']?\s*[:=>]\s*(?:&quot;|\\*["'])?(?-i:(?<given>[A-ZÀ-ÖØ-ÞĀ-Ž](?:[A-Za-zÀ-ÖØ-öø-ž-]|'[A-Za-zÀ-ÖØ-öø-ž])+(?:,? [A-ZÀ-ÖØ-ÞĀ-Ž](?:[A-Za-zÀ-ÖØ-öø-ž-]|'[A-Za-zÀ-ÖØ-öø-ž])*\.?){1,3}))"#,
        what: What::Person,
    },
    // Beside the name of an account, and in an element of a user.
    Rule {
        words: DISPLAYED,
        pattern: r#"(?i)(?:(?:\b(?:sAMAccountName|userPrincipalName|upn|logon_?name|user_?name|givenName|objectSid|employeeID)\\*["']?\s*[:=>]|<(?:\w+:)?(?:user|person|account|contact|owner|trustee|member)\s)[^<>\r\n]*?\b(?:display_?name|anzeigename)\\*["']?\s*[:=]\s*(?:&quot;|\\*["'])?|<(?:\w+:)?(?:user|person|account|contact|owner)(?:\s[^<>]*)?>\s*<(?:\w+:)?display_?name>\s*)(?-i:(?<person>[A-ZÀ-ÖØ-ÞĀ-Ž](?:[A-Za-zÀ-ÖØ-öø-ž-]|'[A-Za-zÀ-ÖØ-öø-ž])+(?:,? [A-ZÀ-ÖØ-ÞĀ-Ž](?:[A-Za-zÀ-ÖØ-öø-ž-]|'[A-Za-zÀ-ÖØ-öø-ž])*\.?){1,3}))"#,
        what: What::Person,
    },
    Rule {
        words: DISPLAYED,
        pattern: r#"(?i)\b(?:(?:user|owner|creator|author|manager)[ _-]?display[ _]?name|anzeigename (?:des|vom) benutzers?)\\*["']?\s*[:=>]\s*(?:&quot;|\\*["'])?(?-i:(?<person>[A-ZÀ-ÖØ-ÞĀ-Ž](?:[A-Za-zÀ-ÖØ-öø-ž-]|'[A-Za-zÀ-ÖØ-öø-ž])+(?:,? [A-ZÀ-ÖØ-ÞĀ-Ž](?:[A-Za-zÀ-ÖØ-öø-ž-]|'[A-Za-zÀ-ÖØ-öø-ž])*\.?){1,3}))"#,
        what: What::Person,
    },
    Rule {
        words: DISPLAYED,
        pattern: r#"(?i)\b(?:display_?name|anzeigename)\\*["']?\s*[:=]\s*(?:&quot;|\\*["'])?(?-i:(?<person>[A-ZÀ-ÖØ-ÞĀ-Ž](?:[A-Za-zÀ-ÖØ-öø-ž-]|'[A-Za-zÀ-ÖØ-öø-ž])+(?:,? [A-ZÀ-ÖØ-ÞĀ-Ž](?:[A-Za-zÀ-ÖØ-öø-ž-]|'[A-Za-zÀ-ÖØ-öø-ž])*\.?){1,3}))["'\\&;, quot]*\s*[^<>\r\n]*?\b(?:sAMAccountName|userPrincipalName|upn|logon_?name|user_?name|givenName|objectSid|employeeID)\\*["']?\s*[:=]"#,
        what: What::Person,
    },
    Rule {
        words: &["users", "settings", "home", "profiles"],
        pattern: r#"(?i)(?:(?:^|[\\/!])(?:users|documents and settings)|(?:^|[\s"'=(])/home|[\\/]{2}[^\\/\s]+[\\/](?:homes?|profiles?|users)\$?)[\\/]{1,8}(?<profile>[^\\/:*?"<>|;=\r\n]{1,64})[\\/]"#,
        what: USER,
    },
    Rule {
        words: &["users", "settings", "home", "profiles"],
        pattern: r#"(?i)(?:(?:^|[\\/!])(?:users|documents and settings)|(?:^|[\s"'=(])/home|[\\/]{2}[^\\/\s]+[\\/](?:homes?|profiles?|users)\$?)[\\/]{1,8}(?<profile>[^\\/:*?"<>|'\s,;]{1,64})"#,
        what: USER,
    },
];

static TABLE: LazyLock<Option<Rules<What>>> = LazyLock::new(|| Rules::new(RULES));

/// All that stands in a text of that field; places may overlap. What lies in something that stays, stays.
pub fn find(field: Field, text: &str) -> Vec<Found> {
    let mut found = in_text(text);
    match field {
        Field::Text | Field::Path => {}
        Field::Host => host(text, 0..text.len(), &mut found),
        Field::User => user(text, 0..text.len(), &mut found),
        Field::Machine => machine(text, &mut found),
        Field::Name => {
            // Names of packages have versions.
            for one in found.iter_mut().filter(|one| one.what == What::MaybeIp) {
                one.what = What::Keep;
            }
        }
        Field::File => {
            let is_pair = |one: &&mut Found| matches!(one.what, What::MaybeUser | What::Account);
            for one in found.iter_mut().filter(is_pair) {
                one.what = What::Path;
            }
            let is_version = |one: &&mut Found| {
                one.what == What::MaybeIp && address::is_of_product(text, &one.place)
            };
            for one in found.iter_mut().filter(is_version) {
                one.what = What::Keep;
            }
        }
    }
    let kept: Vec<Range<usize>> = found
        .iter()
        .filter(|one| one.what == What::Keep)
        .map(|one| one.place.clone())
        .collect();
    let lies_in = |place: &Range<usize>| {
        let mut kept = kept.iter();
        kept.any(|kept| kept.start <= place.start && place.end <= kept.end)
    };
    found.retain(|one| one.what == What::Keep || !lies_in(&one.place));
    found
}

fn in_text(text: &str) -> Vec<Found> {
    let mut found = vec![];
    for (place, address, row) in address::rows(text) {
        let what = match row {
            Row::Version => What::Keep,
            _ if !address::is_somewhere(address) => What::Keep,
            Row::Address => What::Identity(Kind::Ip),
            Row::Open => What::MaybeIp,
        };
        let original = address.to_string();
        found.push(Found {
            place,
            what,
            original,
        });
    }
    for (place, address) in address::sixes(text) {
        let original = address.to_string();
        found.push(identity(place, Kind::Ip, original));
    }
    for (place, is_sure) in address::macs(text) {
        let mut one = mac(text, place);
        if !is_sure {
            one.what = What::MaybeMac;
        }
        found.push(one);
    }
    let Some(table) = TABLE.as_ref() else {
        return found;
    };
    for (regex, what) in table.among(table.worth(text)) {
        let names: Vec<&str> = regex.capture_names().flatten().collect();
        for captures in regex.captures_iter(text) {
            for (name, one) in names
                .iter()
                .filter_map(|name| Some((name, captures.name(name)?)))
            {
                group(text, name, one.range(), *what, &mut found);
            }
        }
    }
    found
}

/// In whatever way it is written, an address has one name.
fn mac(text: &str, place: Range<usize>) -> Found {
    let digits: Vec<char> = text[place.clone()]
        .chars()
        .filter(char::is_ascii_hexdigit)
        .collect();
    let pairs: Vec<String> = digits.chunks(2).map(|two| two.iter().collect()).collect();
    identity(place, Kind::Mac, pairs.join(":"))
}

/// `PS01, its folder` and `on PS01: see it`: a machine, by whatever word it is called.
fn machine(text: &str, found: &mut Vec<Found>) {
    let start = if text.starts_with("on ") { 3 } else { 0 };
    if let Some(length) = text[start..].find([',', ':'])
        && !text[start..start + length].contains(' ')
    {
        host(text, start..start + length, found);
    }
}

fn identity(place: Range<usize>, kind: Kind, original: impl Into<String>) -> Found {
    Found {
        place,
        what: What::Identity(kind),
        original: original.into().to_lowercase(),
    }
}

fn group(text: &str, name: &str, place: Range<usize>, what: What, found: &mut Vec<Found>) {
    let value = &text[place.clone()];
    match name {
        "host" => host(text, place, found),
        "fqdn" if !words::is_file(value) => host(text, place, found),
        "fqdn" => {}
        "domain" => {
            let trimmed = trim(text, place);
            let value = &text[trimmed.clone()];
            if !words::is_well_known(value)
                && !words::is_vendors(value)
                && !words::is_technical(value)
                && value.contains(|one: char| one.is_alphabetic())
            {
                found.push(identity(trimmed, Kind::Domain, value));
            }
        }
        "mail" => {
            let trimmed = trim(text, place);
            found.push(identity(trimmed.clone(), Kind::Mail, &text[trimmed]));
        }
        "sid" => sid(value, place, found),
        "query" => query(value, place.start, found),
        "whose" if people::is_of_users(value) => {}
        "user" | "whose" => {
            let places = further_names(text, place.clone());
            user(text, place, found);
            for place in places {
                named(&text[place.clone()], place, found);
            }
        }
        "hive" => hive(text, place, found),
        "share" => share(text, place, found),
        "unc" => path(text, place, found),
        "who" | "doer" => somebody(text, place, name == "who", found),
        "given" if value.split([' ', ',']).any(people::is_given) => person(text, place, found),
        "given" => {}
        "person" => person(text, place, found),
        "name" => {
            for place in further_names(text, place.clone())
                .into_iter()
                .chain([place])
            {
                person(text, place, found);
            }
        }
        "profile" if !value.contains('%') => user(text, place, found),
        "profile" => {}
        "home" if !value.contains('%') && !words::is_word(value) => user(text, place, found),
        "home" => {}
        "machine" if !words::is_technical(value) && !words::is_word(value) => {
            host(text, place, found);
        }
        "machine" => {}
        "mac" => found.push(mac(text, place)),
        "cn" => common_name(text, place, found),
        "at" => {
            if let Some((user, domain)) = value.split_once('@') {
                found.push(Found {
                    original: format!("{domain}\\{user}").to_lowercase(),
                    place,
                    what,
                });
            }
        }
        "upper" | "pair" => {
            let place = trim(text, place);
            let value = &text[place.clone()];
            let first = value.split('\\').next().unwrap_or_default();
            let last = value.rsplit('\\').next().unwrap_or_default();
            if !words::is_folder(first) && !words::is_file(value) {
                found.push(Found {
                    original: format!("{first}\\{last}").to_lowercase(),
                    place,
                    what,
                });
            }
        }
        _ => found.push(Found {
            original: value.to_lowercase(),
            place,
            what,
        }),
    }
}

/// Without the full stop of a sentence.
fn trim(text: &str, place: Range<usize>) -> Range<usize> {
    let value = text[place.clone()].trim_end_matches(['.', '-']);
    place.start..place.start + value.len()
}

/// A host with its domain, or an address that stands where a host does.
pub fn host(text: &str, place: Range<usize>, found: &mut Vec<Found>) {
    let place = trim(text, place);
    let value = &text[place.clone()];
    let address = value.parse::<std::net::Ipv4Addr>().is_ok();
    let is_name = value.contains(|one: char| one.is_alphabetic());
    if address
        || !is_name
        || words::is_vendors(value)
        || words::is_file(value) && value.matches('.').count() < 2
    {
        return;
    }
    let Some((short, domain)) = value.split_once('.') else {
        if !words::is_well_known(value) && !value.starts_with("Microsoft-") {
            found.push(identity(place, Kind::Host, value));
        }
        return;
    };
    const PRIVATE: [&str; 9] = [
        "local",
        "lan",
        "corp",
        "internal",
        "intra",
        "intranet",
        "intern",
        "home",
        "localdomain",
    ];
    let bare = !domain.contains('.');
    if bare && !PRIVATE.contains(&domain.to_ascii_lowercase().as_str()) {
        // `contoso.com` has no host before it.
        found.push(identity(place, Kind::Domain, value));
        return;
    }
    let middle = place.start + short.len();
    if !words::is_well_known(short) {
        found.push(identity(place.start..middle, Kind::Host, short));
    }
    if !bare {
        found.push(identity(middle + 1..place.end, Kind::Domain, domain));
    }
}

/// The names behind the first one of a user: `Anna Maria Schmidt`, but not `Anna Package: x`.
fn further_names(text: &str, first: Range<usize>) -> Vec<Range<usize>> {
    let title = |word: &str| {
        let mut letters = word.chars();
        letters.next().is_some_and(char::is_uppercase) && letters.all(|one| !one.is_uppercase())
    };
    let mut all = vec![];
    let mut end = first.end;
    if !title(&text[first]) {
        return all;
    }
    while all.len() < 2
        && let Some(rest) = text[end..].strip_prefix(' ')
    {
        let length = rest
            .find(|one: char| !one.is_alphabetic() && !matches!(one, '-' | '\''))
            .unwrap_or(rest.len());
        let word = rest[..length].trim_end_matches('\'');
        let behind = &rest[word.len()..];
        // A file, a label or a path begins with a capital letter too.
        let goes_on = behind.starts_with([':', '=', '\\', '_', '/', '('])
            || behind.starts_with(char::is_numeric)
            || behind
                .strip_prefix('.')
                .is_some_and(|rest| rest.starts_with(char::is_alphanumeric));
        let parts = word.split(['-', '\'']).all(title);
        if goes_on || !parts || word.chars().count() < 3 || words::is_common(word) {
            break;
        }
        all.push(end + 1..end + 1 + word.len());
        end += 1 + word.len();
    }
    all
}

/// `CN=Anna Schmidt,OU=...`, `CN=PS01,OU=Computers`, `CN=ps01.corp.local`.
fn common_name(text: &str, mut place: Range<usize>, found: &mut Vec<Found>) {
    if text[place.end..].starts_with('=') {
        // The next name began.
        let value = &text[place.clone()];
        place.end = place.start + value.rfind(' ').unwrap_or_default();
    }
    let value = &text[place.clone()];
    let behind: String = text[place.end..].chars().take(16).collect();
    let behind = behind.to_ascii_lowercase();
    let is_word = |word: &str| {
        words::is_common(word) || words::is_well_known(word) || words::is_vendors(word)
    };
    if value.contains(' ') {
        if !value
            .split(' ')
            .any(|word| words::is_vendors(word) || words::is_word(word))
        {
            named(value, place, found);
        }
    } else if behind.starts_with(",ou=computers") || behind.starts_with(",cn=computers") {
        host(text, place, found);
    } else if !is_word(value) {
        match value.contains(|one: char| one == '.' || one.is_ascii_digit()) {
            true => host(text, place, found),
            false => named(value, place, found),
        }
    }
}

/// `HKEY_USERS\CORP\anna`, but not `HKEY_USERS\.DEFAULT\Software`.
fn hive(text: &str, place: Range<usize>, found: &mut Vec<Found>) {
    const KEYS: [&str; 11] = [
        "appevents",
        "console",
        "control",
        "environment",
        "eudc",
        "identities",
        "keyboard",
        "network",
        "printers",
        "software",
        "volatile",
    ];
    let value = text[place.clone()].to_ascii_lowercase();
    let is_key = value.split('\\').any(|part| KEYS.contains(&part));
    if !value.starts_with("s-1-") && !value.starts_with('.') && !is_key {
        user(text, place, found);
    }
}

/// `srv\share` where it must be one: the first is a host, the second nobody.
fn share(text: &str, place: Range<usize>, found: &mut Vec<Found>) {
    let value = &text[place.clone()];
    let Some((server, name)) = value.split_once('\\') else {
        return;
    };
    let is_machine =
        !words::is_technical(server) && !words::is_word(server) && !words::is_folder(server);
    if !is_machine {
        return;
    }
    // `CORP\PS01$` is the account of a computer.
    const HIDDEN: [&str; 4] = ["admin$", "ipc$", "print$", "fax$"];
    let name = name.trim_start_matches('\\').to_lowercase();
    let is_hidden = name.len() == 2 || HIDDEN.contains(&name.as_str());
    if !name.ends_with('$') || is_hidden || text[place.end..].starts_with('\\') {
        let end = place.start + server.len();
        host(text, place.start..end, found);
        path(text, place, found);
    }
}

/// `srv\share`, whose second part is nobody.
fn path(text: &str, place: Range<usize>, found: &mut Vec<Found>) {
    let place = trim(text, place);
    let value = text[place.clone()].to_lowercase();
    if let Some((server, name)) = value.split_once('\\') {
        found.push(Found {
            original: format!("{server}\\{}", name.trim_start_matches('\\')),
            place,
            what: What::Path,
        });
    }
}

/// Who does something by a sentence. `is_sure`: only people do that.
fn somebody(text: &str, place: Range<usize>, is_sure: bool, found: &mut Vec<Found>) {
    let place = trim(text, place);
    let value = &text[place.clone()];
    // `CORP\anna`, `anna@corp` and `C:\x` are told elsewhere.
    let goes_on = text[place.end..].starts_with(['\\', '@', ':', '/', '=', '(']);
    if goes_on && !text[place.end..].starts_with(": ")
        || words::is_common(value)
        || words::is_well_known(value)
        || words::is_technical(value)
        || words::is_vendors(value)
        || words::is_file(value)
    {
        return;
    }
    if people::is_account(value) {
        named(value, place, found);
        return;
    }
    let is_plain = value.chars().all(|one| one.is_lowercase());
    let has_number = value.contains(|one: char| one.is_ascii_digit())
        && value.chars().all(|one| one.is_ascii_alphanumeric());
    let is_name = people::is_given(value)
        || is_sure && is_plain && !people::is_agent(value)
        || is_sure && has_number;
    if is_name {
        found.push(Found {
            original: value.to_lowercase(),
            place,
            what: What::Somebody,
        });
    }
}

/// The name that is shown of somebody: no file, no words of the product.
fn person(text: &str, place: Range<usize>, found: &mut Vec<Found>) {
    let mut place = trim(text, place);
    if text[place.end..].starts_with([':', '=']) {
        // The next name began.
        let value = &text[place.clone()];
        place.end = place.start + value.rfind(' ').unwrap_or_default();
    }
    let value = &text[place.clone()];
    let behind = &text[place.end..];
    let goes_on = behind.starts_with(['\\', '/', '(', '_', '-'])
        || behind.starts_with(char::is_alphanumeric)
        || behind
            .strip_prefix(['.', ' '])
            .is_some_and(|rest| rest.starts_with(char::is_numeric));
    let of_product =
        |word: &str| words::is_vendors(word) || words::is_word(word) || words::is_well_known(word);
    if !value.is_empty() && !goes_on && !value.split([' ', ',']).any(of_product) {
        found.push(Found {
            original: value.to_lowercase(),
            place,
            what: What::Person,
        });
    }
}

/// A user with its domain before it or behind it.
pub fn user(text: &str, place: Range<usize>, found: &mut Vec<Found>) {
    let value = &text[place.clone()];
    let trimmed = value.trim_end_matches(['.', '-', ' ']);
    let place = place.start..place.start + trimmed.len();
    let value = trimmed;
    if let Some((domain, name)) = value.rsplit_once('\\') {
        let start = place.start + domain.len() + 1;
        // JSON has two of them.
        let domain = domain.trim_end_matches('\\');
        let known = domain != "." && words::is_well_known(domain)
            || domain.to_ascii_lowercase().starts_with("iis ");
        if known || name.is_empty() {
            return;
        }
        if !domain.is_empty() && domain != "." {
            let domain_place = place.start..place.start + domain.len();
            if domain.contains('\\') {
                return;
            }
            found.push(identity(domain_place, Kind::Domain, domain));
        }
        named(name, start..place.end, found);
    } else if value.contains('@') {
        found.push(identity(place, Kind::Mail, value));
    } else if text[..place.start].ends_with(['\'', '"', '‘', '“'])
        || !NO_NAMES.contains(&value.to_ascii_lowercase().as_str())
    {
        named(value, place, found);
    }
}

/// What a sentence goes on with where a user could be named: "logged on from 10.1.1.5".
const NO_NAMES: &[&str] = &[
    "a",
    "account",
    "and",
    "as",
    "at",
    "by",
    "for",
    "from",
    "in",
    "input",
    "interface",
    "into",
    "is",
    "locally",
    "on",
    "profile",
    "remotely",
    "rights",
    "session",
    "settings",
    "successfully",
    "the",
    "to",
    "using",
    "via",
    "was",
    "with",
];

fn named(name: &str, place: Range<usize>, found: &mut Vec<Found>) {
    let is_makers = name.contains(' ') && name.split(' ').any(words::is_vendors);
    if words::is_well_known(name) || is_makers || !name.contains(|one: char| one.is_alphabetic()) {
        return;
    }
    match name.strip_suffix('$') {
        // The account of a computer.
        Some(host) if !host.is_empty() => {
            found.push(identity(place.start..place.end - 1, Kind::Host, host));
        }
        _ => found.push(identity(place, Kind::User, name)),
    }
}

/// The domain's part, and of an account that is not the same everywhere the whole.
fn sid(value: &str, place: Range<usize>, found: &mut Vec<Found>) {
    if value.len() > 8
        && value.to_ascii_uppercase().starts_with("S-1-5-21")
        && value.matches('-').count() == 7
        && let Some((domain, account)) = value.rsplit_once('-')
        && account.parse::<u64>().is_ok_and(|account| account < 1_000)
    {
        found.push(identity(
            place.start..place.start + domain.len(),
            Kind::Sid,
            domain,
        ));
        return;
    }
    found.push(identity(place, Kind::Sid, value));
}

/// The values of a query but for GUIDs, numbers and versions, which are of packages.
fn query(value: &str, start: usize, found: &mut Vec<Found>) {
    let mut at = start + 1;
    for part in value[1..].split('&') {
        let (name, value) = part.split_once('=').unwrap_or(("", part));
        let place = at + part.len() - value.len()..at + part.len();
        at += part.len() + 1;
        let name = name.to_ascii_lowercase();
        let is_version = (["v", "ver", "build", "rev"].contains(&name.as_str())
            || name.ends_with("version"))
            && value
                .bytes()
                .all(|one| one.is_ascii_digit() || b".,;)".contains(&one));
        let bare = value.trim_matches(['{', '}']);
        let stays = is_version
            || bare.is_empty()
            || bare.bytes().all(|one| one.is_ascii_digit())
            || bare.starts_with("[dropped")
            || ["true", "false"].contains(&bare)
            || bare.len() == 36
                && bare
                    .bytes()
                    .all(|one| one.is_ascii_hexdigit() || one == b'-')
            || value.to_ascii_lowercase().starts_with("%7b") && value.len() <= 42;
        if !stays {
            found.push(identity(place, Kind::Query, value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_is_one() {
        assert_eq!(TABLE.as_ref().unwrap().count(), RULES.len());
    }

    fn told(text: &str) -> Vec<String> {
        let mut all: Vec<String> = find(Field::Text, text)
            .iter()
            .filter_map(|one| match one.what {
                What::Identity(kind) => Some(format!("{} {}", kind.name(), one.original)),
                What::Somebody => Some(format!("SOMEBODY {}", one.original)),
                What::Person => Some(format!("PERSON {}", one.original)),
                _ => None,
            })
            .collect();
        all.sort();
        all.dedup();
        all
    }

    #[test]
    fn identities_are_known_by_where_they_stand() {
        let cases: &[(&str, &[&str])] = &[
            (r"copied to \\PS01\PkgShare\a", &["HOST ps01"]),
            (r"\\?\UNC\PS01\PkgShare", &["HOST ps01"]),
            (r"C:\\Users\\Public\\a", &[]),
            (r"\\.\UNC\PS01\d$ and \\.\pipe\x", &["HOST ps01"]),
            (
                r#"{"from":"\\\\PS01\\d","by":"CORP\\anna","in":"C:\\Users\\bob\\x"}"#,
                &["HOST ps01", "USER bob"],
            ),
            (r"http:\/\/smp01\/a", &["HOST smp01"]),
            ("mounted //fs01/d on x", &["HOST fs01"]),
            (
                "no order of an operator's order stands before 'x' and no owner's 'y'",
                &[],
            ),
            (r"first\nD:\\a\nfile:///etc/x", &[]),
            (
                r"file:////fs01/d and smb:\\fs02\d",
                &["HOST fs01", "HOST fs02"],
            ),
            (
                "connecting to akl:8080, proxy=prx:3128, SPN cifs/fs01",
                &["HOST akl", "HOST fs01", "HOST prx"],
            ),
            (
                r"-ComputerName pc7, /server:pc8 %COMPUTERNAME%=PC9, \\pc6@SSL\DavWWWRoot",
                &["HOST pc6", "HOST pc7", "HOST pc8", "HOST pc9"],
            ),
            (
                r"USERPROFILE=C:\Users\anna ; LOGONSERVER=\\DC7 ; sAMAccountName=bob",
                &["HOST dc7", "USER anna", "USER bob"],
            ),
            (
                "from READY1 to DELETED2 at STEP3, client version1, gateway timeout:30, to C:80",
                &[],
            ),
            (
                r"for user interface; <User name='7'/>text <Author>Microsoft Corporation</Author> E:\Setup\AppData\x",
                &[],
            ),
            ("to port:8080, line:12, HTTP/1.1", &[]),
            (
                r"Data Source=sql7\INST1;Server=tcp:sql8,1433",
                &["HOST sql7", "HOST sql8"],
            ),
            (
                "client pc7 left, ping pc8 failed",
                &["HOST pc7", "HOST pc8"],
            ),
            ("client win32, client x64, peer node", &[]),
            (
                "<ComputerName>pc7</ComputerName><UserName>CORP\\anna</UserName><Owner>Anna Schmidt</Owner>",
                &["DOMAIN corp", "HOST pc7", "USER anna", "USER anna schmidt"],
            ),
            (
                "<Data Name='SubjectUserName'>anna</Data><Server/>next<User></User>",
                &["USER anna"],
            ),
            (
                r#"{\"computer\":\"pc7\",\"user\":\"anna\"}"#,
                &["HOST pc7", "USER anna"],
            ),
            (
                "Uid=anna;User ID=bob;RunAs: carl, author=dora, created by: emil",
                &[
                    "USER anna",
                    "USER bob",
                    "USER carl",
                    "USER dora",
                    "USER emil",
                ],
            ),
            (
                r"psexec \\pc7 -u CORP\anna cmd",
                &["DOMAIN corp", "HOST pc7", "USER anna"],
            ),
            (
                "to \"Anna Schmidt\" <as@corp.contoso.com>",
                &["MAIL as@corp.contoso.com", "USER anna schmidt"],
            ),
            (
                r"D:\Profiles\anna\NTUSER.DAT, E:\p\bob\AppData\x",
                &["USER anna", "USER bob"],
            ),
            (
                "joined domain NORDWERK, Domäne: SUED",
                &["DOMAIN nordwerk", "DOMAIN sued"],
            ),
            ("domain SID, domain DNS, Domain Controller", &[]),
            ("see // note/x and http://", &[]),
            (
                "found on PC01 and from AKL-PS1.",
                &["HOST akl-ps1", "HOST pc01"],
            ),
            (
                "needs KB5001330 on SHA256, from SP1 to SP2 at HTTP2 on WIN10, on PS01\\a, on DEADBEEF01",
                &[],
            ),
            (
                "Rechnername: pc7 Benutzername: anna",
                &["HOST pc7", "USER anna"],
            ),
            (
                r"durch den Benutzer CORP\anna",
                &["DOMAIN corp", "USER anna"],
            ),
            ("Nom d'utilisateur : anna", &["USER anna"]),
            ("Usuario: 'anna'", &["USER anna"]),
            (
                "UserName: Anna Schmidt, user Anna failed",
                &["USER anna", "USER schmidt"],
            ),
            (
                "Owner: Anna Package: x, Owner: Anna State: y, UserName: Anna Setup.exe",
                &["USER anna"],
            ),
            (
                "for user Anna Maria Schmidt-Lang",
                &["USER anna", "USER maria", "USER schmidt-lang"],
            ),
            (
                "CN=Anna Schmidt,OU=Nord,DC=corp,DC=local",
                &["DOMAIN corp", "USER anna schmidt"],
            ),
            (r"CN=Schmidt\, Anna,OU=Nord", &["USER schmidt\\, anna"]),
            (
                "CN=PSNORD,OU=Computers and CN=ps01.corp.local",
                &["DOMAIN corp.local", "HOST ps01", "HOST psnord"],
            ),
            (
                "CN=Users CN=Domain Admins CN=Microsoft Windows CN=DigiCert Root",
                &[],
            ),
            (
                r"Host: 1EC214B8-E862-44A9-B3A6-27D918D136A2 on \\1EC214B8-E862-44A9-B3A6-27D918D136A2\a",
                &[],
            ),
            ("a.aspx?ver=10.2.3.4&version=1.2.3.4", &[]),
            ("a.aspx?ip=10.2.3.4", &["IP 10.2.3.4", "QUERY 10.2.3.4"]),
            (
                "MAC: 00155D010203, 0015.5d01.0204, 00.15.5d.01.02.05, Adapter=00155D010206",
                &[
                    "MAC 00:15:5d:01:02:03",
                    "MAC 00:15:5d:01:02:04",
                    "MAC 00:15:5d:01:02:05",
                    "MAC 00:15:5d:01:02:06",
                ],
            ),
            (
                "tick 001550010203, 1234.5678.9012, captured 26-11-03-02-40-00",
                &[],
            ),
            (
                "fe80::1 and fe80::215:5dff:fe01:203%12",
                &["IP fe80::215:5dff:fe01:203"],
            ),
            (
                "from http://smp.corp.contoso.com:80/a",
                &["DOMAIN corp.contoso.com", "HOST smp"],
            ),
            (
                "served by smp01.kauri.example",
                &["DOMAIN kauri.example", "HOST smp01"],
            ),
            ("hostName='AKL-PS1' source='x'", &["HOST akl-ps1"]),
            ("Host: ps01\nPort: 80", &["HOST ps01"]),
            ("Server: Microsoft-IIS/10.0", &[]),
            ("support.broadcom.com, http://localhost/x", &[]),
            (
                r"forced by CORP\anna.smith.",
                &["DOMAIN corp", "USER anna.smith"],
            ),
            ("anna logged on from 10.1.1.5", &["IP 10.1.1.5"]),
            ("logged on as anna", &["USER anna"]),
            (r"file 'D:\Tools\profiles\dmg.dat' hash='+D3ED/Sq3J='", &[]),
            (
                r"\\FS01\profiles$\anna\ntuser.dat",
                &["HOST fs01", "USER anna"],
            ),
            (r"user 'CORP\is' asked", &["DOMAIN corp", "USER is"]),
            (r"run as NT AUTHORITY\SYSTEM by user SYSTEM", &[]),
            (
                r"C:\Users\Anna Smith\AppData and C:\Users\bob",
                &["USER anna", "USER anna smith", "USER bob"],
            ),
            (r"C:\Users\Public\Documents", &[]),
            (r"owner: CORP\PS01$", &["DOMAIN corp", "HOST ps01"]),
            (
                "S-1-5-18, S-1-5-21-1-2-3-500, S-1-5-21-1-2-3-1104",
                &["SID s-1-5-21-1-2-3", "SID s-1-5-21-1-2-3-1104"],
            ),
            (
                "anna@corp.contoso.com wrote",
                &["MAIL anna@corp.contoso.com"],
            ),
            (
                "a.aspx?id={1EC214B8-E862-44A9-B3A6-27D918D136A2}&n=7&who=anna",
                &["QUERY anna"],
            ),
            ("00-15-5D-01-02-03", &["MAC 00:15:5d:01:02:03"]),
            (r"missing file 'bin\vpn.dll' in D:\PkgShare\ContosoVPN", &[]),
            (
                r"HKLM\SOFTWARE and lib\x64\render.dll and BIN\setup.exe",
                &[],
            ),
            (
                "AeXNSCPackageServer.dll, System.IO.IOException, Agent.log",
                &[],
            ),
            (
                "the server(1601867730) is older than required(1601954124)",
                &[],
            ),
            // Beside switches for passwords.
            (
                r"app /u:anna /p:[dropped], app -p [dropped] -u CORP\bob, net use Z: \\PS01\d /u:carl [dropped]",
                &[
                    "DOMAIN corp",
                    "HOST ps01",
                    "USER anna",
                    "USER bob",
                    "USER carl",
                ],
            ),
            (
                r#"["-u", "anna", "-p", "[dropped]"], net user bob /add, ssh carl@pc7, bcp x -S pc8"#,
                &["HOST pc7", "HOST pc8", "USER anna", "USER bob", "USER carl"],
            ),
            (
                r"started by user action, sort -u a.txt, xcopy /u /y D:\a, net use Z: /delete, docker run -u 5",
                &[],
            ),
            // Who does something.
            (
                "refresh initiated by keller at 10:00, asked, requested by: m.keller, requested by schedule, initiated by reboot",
                &["SOMEBODY keller", "USER m.keller"],
            ),
            (
                "User keller changed it, user profile changed, user interface started, Benutzer weber hat es gelöscht",
                &["SOMEBODY keller", "SOMEBODY weber"],
            ),
            (
                "run as keller, run as expected, runs as part of it, running as 64-bit process, läuft als Dienst",
                &["SOMEBODY keller"],
            ),
            (
                "deleted by anna, deleted by svc_clean, deleted by CCleaner, removed by cleanup, von h.weber gelöscht, von Hand gestartet",
                &["SOMEBODY anna", "USER h.weber", "USER svc_clean"],
            ),
            (
                "requested by Notification Server, approved by policy, started by AeXNSAgent.exe, triggered by System.Timer, ordered by size",
                &[],
            ),
            (
                r#"RequestedBy="keller", Initiated by: timer, user [weber], user (optional), des Benutzers lang"#,
                &["SOMEBODY keller", "SOMEBODY lang", "SOMEBODY weber"],
            ),
            (
                r"logged on as user anna, logged on as SYSTEM, owner: .\bob, obj= .\carl, owner: .\Administrator",
                &["USER anna", "USER bob", "USER carl"],
            ),
            (
                "changed by Anna Schmidt, changed by Software Portal, created by Drawing Suite",
                &["PERSON anna schmidt", "SOMEBODY anna"],
            ),
            // Shares without their backslashes.
            (
                r"share SRV1\Depot, srv2\d$\x, Freigabe 'srv-3\x', SRV4\Depot$\x",
                &["HOST srv-3", "HOST srv1", "HOST srv2", "HOST srv4"],
            ),
            (
                r"share Apps\Drawing, share of D:\a, Freigabe PkgShare\Apps, CORP\x$",
                &[],
            ),
            // The registry.
            (
                r"HKEY_USERS\CORP\anna\Software, HKU\.DEFAULT\Software, HKU\S-1-5-18\Software, HKU\Software\X",
                &["DOMAIN corp", "USER anna"],
            ),
            (
                r"HKU\S-1-5-21-1-2-3-1104_Classes, Task_S-1-5-21-1-2-3-1105",
                &["SID s-1-5-21-1-2-3-1104", "SID s-1-5-21-1-2-3-1105"],
            ),
            // Names that are shown.
            (
                r#"DisplayName='Anna Keller', DisplayName="Anna Schmidt", DisplayName="Nordwind Drawing", displayName='Meter Round Client'"#,
                &["PERSON anna keller", "PERSON anna schmidt"],
            ),
            (
                r#"Full name: Xenia Quandt Department: IT, FullName="Quandt, Xenia", Full name: Software Suite"#,
                &["PERSON quandt, xenia", "PERSON xenia quandt"],
            ),
            (
                r"<FullName>Nordwind Drawing Suite</FullName>, FullName : D:\a\b.exe, FullName=Nordwind.Core, Version=1",
                &[],
            ),
            (
                "Vorname=Xenia Nachname=Quandt",
                &["PERSON quandt", "PERSON xenia"],
            ),
            (
                r#"<User Id="7" DisplayName="Xenia Quandt"/><Package DisplayName="Nordwind Drawing"/><User><DisplayName>Xenia Quandt</DisplayName></User>"#,
                &["PERSON xenia quandt"],
            ),
            (
                r#"{"displayName":"Xenia Quandt","userPrincipalName":"x"}"#,
                &["PERSON xenia quandt"],
            ),
        ];
        for (text, wanted) in cases {
            assert_eq!(told(text), *wanted, "{text}");
        }
    }
}
