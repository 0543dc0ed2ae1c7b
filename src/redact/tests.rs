//! What redaction promises, over texts made by hand and by chance.

use super::*;
use proptest::prelude::*;

fn redaction(texts: &[&str]) -> Redaction {
    let mut seen = Collector::default();
    for text in texts {
        seen.see(Field::Text, text);
    }
    seen.name()
}

/// The text when it is all that was seen.
fn alone(text: &str) -> String {
    redaction(&[text])
        .apply(Field::Text, text)
        .unwrap_or_else(|| text.to_owned())
}

#[test]
fn names_are_the_same_wherever_an_identity_stands() {
    let cases = [
        (
            r"\\PS01\Share by CORP\anna, ps01.corp.contoso.com",
            r"\\HOST-01\Share by DOMAIN-01\USER-01, HOST-01.DOMAIN-02",
        ),
        (
            "hostName='PS1' beside PS10, xps1, ps1-old and PS1_log",
            "hostName='HOST-01' beside PS10, xps1, HOST-01-old and HOST-01_log",
        ),
        (
            r"\\PS01\a, logs/PS01Agent.log, AgentPS01, PS011",
            r"\\HOST-01\a, logs/HOST-01Agent.log, AgentHOST-01, PS011",
        ),
        (
            r"C:\Users\Anna\x, AnnaBackup, Annabell",
            r"C:\Users\USER-01\x, USER-01Backup, Annabell",
        ),
        (
            r"user 'is' is asked, CORP\a is a domain; is CORP\is a user",
            r"user 'USER-02' is asked, DOMAIN-01\USER-01 is a domain; is DOMAIN-01\USER-02 a user",
        ),
        (
            "dhcp-192-168-0-66 at 192.168.0.66 and 192%2E168.0.66",
            "dhcp-IP-01 at IP-01 and IP-01",
        ),
        (
            "version 8.7.1.0, ip 8.7.1.9, agent v8.7.1.0",
            "version 8.7.1.0, ip IP-01, agent v8.7.1.0",
        ),
        ("S-1-5-21-1-2-3-500 S-1-5-18", "SID-01-500 S-1-5-18"),
        (
            "CORP%5Canna did it, user CORP\\anna",
            "DOMAIN-01%5CUSER-01 did it, user DOMAIN-01\\USER-01",
        ),
        (
            r"user 'bob', {B0BB0BB0-BBBB-4BBB-8BBB-B0BB0BB0BBBB} stays",
            r"user 'USER-01', {B0BB0BB0-BBBB-4BBB-8BBB-B0BB0BB0BBBB} stays",
        ),
        (r"\\HOST-01\share", r"\\HOST-02\share"),
        (
            "127.0.0.1, ::1, fe80::1, 169.254.1.2 and \\\\localhost\\c$",
            "127.0.0.1, ::1, fe80::1, 169.254.1.2 and \\\\localhost\\c$",
        ),
        (
            "-enc QwA6AFwAVQBzAGUAcgBzAFwAYQBuAG4AYQBzAG0AaQB0AGgAXAB4AA== for user annasmith",
            "-enc [redacted] for user USER-01",
        ),
        // Names of folders and products are not users of a host that is called like a word.
        (
            r"\\agent\d and D:\Altiris Agent\Package Delivery and Altiris Agent\Package Delivery, DEU\de.mdb",
            r"\\HOST-01\d and D:\Altiris Agent\Package Delivery and Altiris Agent\Package Delivery, DEU\de.mdb",
        ),
        (
            r"AGENT\PACKAGE is one, BACKUP\anna is anna, or BACKUP\anna.",
            r"AGENT\PACKAGE is one, DOMAIN-01\USER-01 is USER-01, or DOMAIN-01\USER-01.",
        ),
        (
            r"user: Anna Schmidt, read by Schmidt; C:\Users\Jan Ole von Bo\x: Ole, von",
            r"user: USER-01 USER-05, read by USER-05; C:\Users\USER-03\x: USER-04, von",
        ),
        (
            r"CN=Anna Schmidt,OU=x and CN=Brandt\, Inga,OU=y: Inga",
            r"CN=USER-02,OU=x and CN=USER-04,OU=y: USER-05",
        ),
        (
            r"\\\\PS01\\d by CORP\\anna in C:\\Users\\bob\\x",
            r"\\\\HOST-01\\d by DOMAIN-01\\USER-01 in C:\\Users\\USER-02\\x",
        ),
        (
            "CORP%255Canna, user CORP\\anna, user&amp;quot;=&amp;quot;bob&amp;quot;",
            "DOMAIN-01%255CUSER-01, user DOMAIN-01\\USER-01, user&amp;quot;=&amp;quot;USER-02&amp;quot;",
        ),
        (
            "00155d010203, MAC 00-15-5D-01-02-03, 0015.5d01.0203, 00155d010204",
            "MAC-01, MAC MAC-01, MAC-01, 00155d010204",
        ),
        (
            "bob@CORP and is@ps01, domain=corp, \\\\PS01\\d, carl@nowhere",
            "USER-01@DOMAIN-01 and USER-02@HOST-01, domain=DOMAIN-01, \\\\HOST-01\\d, carl@nowhere",
        ),
        (
            r"CORP.EXAMPLE\anna and x@corp.example",
            r"DOMAIN-01\USER-01 and MAIL-01",
        ),
        // A number that is glued to a name makes no other name.
        (
            r"\\srvq\d and srvq6, srvq",
            r"\\HOST-01\d and HOST-01_6, HOST-01",
        ),
        // Somebody by a sentence is replaced there only, and a share is nobody.
        (
            "requested by keller, a keller, logged by m.weber: requested by m.weber",
            "requested by USER-01, a keller, logged by USER-02: requested by USER-02",
        ),
        (
            r"\\FILES\Depot is one, reading FILES\Depot and PS01\d$\x",
            r"\\HOST-01\Depot is one, reading HOST-01\Depot and HOST-02\d$\x",
        ),
        (
            r#"<User DisplayName="Anna Schmidt"/> Schmidt asked"#,
            r#"<User DisplayName="USER-02"/> USER-03 asked"#,
        ),
        // What stays, stays.
        (
            r"\\1EC214B8-E862-44A9-B3A6-27D918D136A2\x and computer 1EC214B8-E862-44A9-B3A6-27D918D136A2",
            r"\\1EC214B8-E862-44A9-B3A6-27D918D136A2\x and computer 1EC214B8-E862-44A9-B3A6-27D918D136A2",
        ),
        (
            "a.aspx?ver=10.2.3.4, upgraded from 10.2.3.4 to 10.2.3.5",
            "a.aspx?ver=10.2.3.4, upgraded from 10.2.3.4 to 10.2.3.5",
        ),
    ];
    for (text, wanted) in cases {
        assert_eq!(alone(text), wanted, "{text}");
    }
}

#[test]
fn a_place_that_names_a_host_serves_all_others() {
    let redaction = redaction(&[r"\\FILER7\d$", "nothing here"]);
    let told = redaction.apply(Field::Text, "copied by filer7 at night");
    assert_eq!(told.as_deref(), Some("copied by HOST-01 at night"));
}

/// A text of a field, by what other fields told.
fn in_fields(seen: &[(Field, &str)], field: Field, text: &str) -> String {
    let mut all = Collector::default();
    for (field, text) in seen {
        all.see(*field, text);
    }
    let redaction = all.name();
    redaction
        .apply(field, text)
        .unwrap_or_else(|| text.to_owned())
}

#[test]
fn a_host_that_is_called_like_a_word_is_replaced_where_a_machine_stands() {
    let seen = [
        (Field::Host, "Backup"),
        (Field::Host, "files"),
        (Field::Text, "http://files.corp.contoso.com"),
    ];
    for (field, text, wanted) in [
        (
            Field::Machine,
            "Backup, its audit policy",
            "HOST-01, its audit policy",
        ),
        (
            Field::Machine,
            "on backup: see the backup",
            "on HOST-01: see the backup",
        ),
        (Field::Machine, "find the files: all", "find the files: all"),
        (
            Field::Machine,
            "the Package Server, its backup",
            "the Package Server, its backup",
        ),
        (
            Field::Path,
            "x/Backup/Logs/Backup.log",
            "x/HOST-01/Logs/Backup.log",
        ),
        (
            Field::Path,
            "files.tar.gz!Backup\\files/a",
            "HOST-02.tar.gz!HOST-01\\HOST-02/a",
        ),
        (
            Field::Path,
            "files.corp.contoso.com/files.txt",
            "HOST-02.DOMAIN-01/files.txt",
        ),
        (Field::Text, "a backup of files", "a backup of files"),
    ] {
        assert_eq!(in_fields(&seen, field, text), wanted, "{text}");
    }
}

#[test]
fn what_a_place_is_tells_versions_and_paths() {
    let name = [(Field::Name, "Drawing 10.2.3.4")];
    for text in ["Drawing 10.2.3.4 is there", r"D:\10.2.3.4\a"] {
        assert_eq!(in_fields(&name, Field::Text, text), text);
    }
    let file = [
        (Field::File, r"Drawing 10.2.3.4\setup.exe"),
        (Field::Text, r"no 'Drawing 10.2.3.4\setup.exe'"),
    ];
    for (_, text) in &file {
        assert_eq!(in_fields(&file, Field::Text, text), *text);
    }
    let others = [
        (Field::File, r"logs of 10.2.3.4\a"),
        (Field::File, r"10.2.3.5\a"),
    ];
    for (place, wanted) in [("10.2.3.4", "IP-01"), ("10.2.3.5", "IP-02")] {
        assert_eq!(in_fields(&others, Field::Text, place), wanted);
    }
    let path = [
        (Field::File, r"LANG\common"),
        (Field::Text, r"missing 'LANG\common', CORP\anna"),
    ];
    assert_eq!(
        in_fields(&path, Field::Text, r"no LANG\common for CORP\anna"),
        r"no LANG\common for DOMAIN-01\USER-01"
    );
}

#[test]
fn no_package_is_called_like_a_person() {
    let seen = [
        (Field::Name, "Martin Drawing"),
        (
            Field::Text,
            "Full name: Martin Drawing, DisplayName='Martin Keller'",
        ),
    ];
    for text in ["Martin Drawing is there", "Full name: Martin Drawing"] {
        assert_eq!(in_fields(&seen, Field::Text, text), text);
    }
}

#[test]
fn the_beginning_of_a_name_where_an_excerpt_is_cut_is_one() {
    let redaction = redaction(&[r"\\FILER7\d$"]);
    for (length, tail, wanted) in [
        (300, "FILE", Some("HOST-01")),
        (300, "XFILE", None),
        (299, "FILE", None),
        (300, "fi", None),
    ] {
        let text = format!("{} {tail}", "-".repeat(length - tail.len() - 1));
        let told = redaction.apply(Field::Text, &text);
        let end = told.as_deref().map(|text| text.rsplit(' ').next().unwrap());
        assert_eq!(end, wanted, "{tail} at {length}");
    }
}

#[test]
fn the_map_is_ours_and_sorted() {
    let map = redaction(&[r"\\PS02\a", r"\\PS01\a", "anna@corp.local"]).map();
    assert!(is_map_head(map.as_bytes()) && !is_map_head(b"{}"));
    let first = map.find("\"ps01\"").unwrap();
    assert!(first < map.find("\"ps02\"").unwrap(), "{map}");
}

/// Texts with identities in them.
fn sentence() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        "[A-Z]{2,6}[0-9]{1,2}".prop_map(|host| format!(r"\\{host}\share ")),
        "[A-Z]{3,6}".prop_flat_map(
            |domain| "[a-z]{1,8}".prop_map(move |user| format!(r"by {domain}\{user} "))
        ),
        "[a-z]{3,8}".prop_map(|user| format!(r"C:\Users\{user}\x ")),
        "10\\.[0-9]{1,2}\\.[0-9]{1,2}\\.[1-9]".prop_map(|ip| format!("from {ip} ")),
        "[a-z]{3,7}@[a-z]{3,6}\\.(de|local)".prop_map(|mail| format!("{mail} ")),
        "[A-Za-z0-9%&;.:\\\\/@'=? -]{0,12} ",
        Just("HOST-01 USER-02 ".to_owned()),
    ];
    proptest::collection::vec(part, 0..8).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_left_and_twice_is_once(texts in proptest::collection::vec(sentence(), 1..4)) {
        let shown: Vec<&str> = texts.iter().map(String::as_str).collect();
        let redaction = redaction(&shown);
        for text in &shown {
            let told = redaction.apply(Field::Text, text).unwrap_or_else(|| (*text).to_owned());
            prop_assert_eq!(redaction.apply(Field::Text, &told), None, "twice: {}", told);
            for (kind, original, _) in redaction.names() {
                let everywhere = matches!(kind, Kind::Host | Kind::Domain | Kind::User) && !words::is_common(original);
                let lower = told.to_lowercase();
                for (at, _) in lower.match_indices(original).filter(|_| everywhere && lower.len() == told.len()) {
                    prop_assert!(!stands_alone(&told, &(at..at + original.len())), "{} is left in {}", original, told);
                }
            }
        }
    }

    #[test]
    fn the_order_changes_nothing(texts in proptest::collection::vec(sentence(), 1..5)) {
        let shown: Vec<&str> = texts.iter().map(String::as_str).collect();
        let turned: Vec<&str> = shown.iter().rev().copied().collect();
        prop_assert_eq!(redaction(&shown).map(), redaction(&turned).map());
    }

    #[test]
    fn a_text_without_identities_stays(text in "[a-z ,;()0-9]{0,60}") {
        prop_assert_eq!(alone(&text), text);
    }

    #[test]
    fn no_text_is_too_odd(text in "\\PC{0,60}") {
        let told = alone(&text);
        without_secrets(&told);
    }
}
