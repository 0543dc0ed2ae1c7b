//! Logs as IIS 10 writes them, whole, cut, and with columns that change.

use super::*;
use crate::ingest::messages::Catalogue;

const ID: &str = "1EC214B8-E862-44A9-B3A6-27D918D136A2";
const TOP: &str = "#Software: Microsoft Internet Information Services 10.0\r\n#Version: 1.0\r\n#Date: 2026-11-03 01:00:02\r\n";
const FIELDS: &str = "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken\r\n";

fn line(time: &str, method: &str, stem: &str, status: &str) -> String {
    format!(
        "2026-11-03 {time} 10.1.1.5 {method} {stem} - 80 - 10.1.7.9 Altiris+Agent - {status} 15\r\n"
    )
}

fn read(log: &[u8]) -> (Requests, Vec<Defect>) {
    let catalogue = Catalogue::new();
    let how = How {
        catalogue: &catalogue,
        order: None,
        threads: 1,
        tags: false,
    };
    let mut defects = Vec::new();
    let found = parse(&mut &*log, &how, &mut defects);
    (found, defects)
}

/// `line:time kind path`.
fn shape(found: &Requests) -> Vec<String> {
    let path = |fact: &Fact| match fact {
        Fact::FileServed { path }
        | Fact::FileNotFound { path, .. }
        | Fact::RequestRefused { path, .. } => path.to_string(),
        _ => String::new(),
    };
    found
        .kept
        .iter()
        .map(|one| {
            let time = one.stamp.local.naive().time();
            format!(
                "{}:{time} {} {}",
                one.line,
                one.fact.kind(),
                path(&one.fact)
            )
        })
        .collect()
}

fn group(file: &str) -> String {
    format!("/Altiris/PS/pkggroup_{{{ID}}}/{file}")
}

#[test]
fn of_a_run_the_first_and_the_last_are_kept() {
    let at = |time: &str, status: &str| line(time, "GET", &group("Setup.cab"), status);
    let log = [
        TOP,
        FIELDS,
        &at("01:00:03", "200 0 0"),
        &line("01:00:04", "GET", "/favicon.ico", "404 0 2"),
        &at("01:10:00", "206 0 0"),
        &line("01:11:00", "GET", &group("b.cab"), "200 0 0"),
        &at("01:20:00", "304 0 0"),
        &at("01:30:00", "404 0 2"),
        &at("01:40:00", "404 0 3"),
        &at("01:50:00", "404 0 2"),
        &at("02:00:00", "200 0 0"),
    ]
    .concat();
    assert!(recognise(&log));
    let (found, defects) = read(log.as_bytes());
    assert_eq!(defects, []);
    assert_eq!(
        shape(&found),
        [
            "5:01:00:03 file-served Setup.cab",
            "8:01:11:00 file-served b.cab",
            "9:01:20:00 file-served Setup.cab",
            "10:01:30:00 file-not-found Setup.cab",
            "12:01:50:00 file-not-found Setup.cab",
            "13:02:00:00 file-served Setup.cab",
        ]
    );
    assert_eq!(found.records, 9);
    let (first, last) = found.span.unwrap();
    assert_eq!((first.offset, first.lasts), (Some(0), 1_000));
    assert_eq!(last.local.to_string(), "2026-11-03 02:00:00");
    assert!(
        found.kept[0]
            .text
            .starts_with("2026-11-03 01:00:03 10.1.1.5 GET")
    );
}

#[test]
fn the_package_is_found_in_any_spelling_and_a_folder_is_no_file() {
    let lower = ID.to_lowercase();
    let files = [
        format!("/pkggroup_{{{ID}}}/a.cab"),
        format!("/Altiris/PKGGROUP_{lower}/a.cab"),
        format!("/x/pkggroup_%7B{ID}%7D/a.cab"),
        format!("/x/pkggroup_%7b{lower}%7d/a%2Ecab"),
        format!("/x\\pkggroup_{{{ID}}}\\a.cab"),
    ];
    for stem in &files {
        let (package, path, wording) = file_of(stem.as_bytes()).unwrap();
        assert_eq!(package, PackageId::parse(ID).unwrap());
        assert_eq!((path.as_str(), wording), ("a.cab", Wording::Confirmed));
    }
    let (_, path, wording) = file_of(format!("/p/{{{ID}}}/bin/%C3%9C+b.dll").as_bytes()).unwrap();
    assert_eq!((path.as_str(), wording), ("bin\\Ü+b.dll", Wording::Assumed));
    for stem in [
        format!("/pkggroup_{{{ID}}}"),
        format!("/pkggroup_{{{ID}}}/"),
        format!("/pkggroup_{{{ID}}}/bin/"),
        format!("/pkggroup_{{{ID}}}/../a"),
        format!("/pkggroup_{{{ID}}}/%2e%2e/a"),
        format!("/pkggroup_{ID}0/a"),
        format!("/x{ID}/a"),
        "/pkggroup_{00000000-0000-0000-0000-000000000000}/a".to_owned(),
    ] {
        assert_eq!(
            file_of(stem.as_bytes()).map(|(_, path, _)| path),
            None,
            "{stem}"
        );
    }
}

#[test]
fn odd_encodings_do_no_harm() {
    for (stem, expected) in [
        (&b"%"[..], &b"%"[..]),
        (b"%4", b"%4"),
        (b"%zz%41", b"%zzA"),
        (b"%2541", b"%41"),
        (b"%%41", b"%A"),
        (b"a%00%FFb", b"a\0\xFFb"),
        (b"%+1", b"%+1"),
    ] {
        assert_eq!(decoded(stem), expected);
    }
    let long = format!("{}{}", group("a"), "%E2".repeat(50_000));
    let log = [TOP, FIELDS, &line("01:00:03", "GET", &long, "200 0 0")].concat();
    let (found, defects) = read(log.as_bytes());
    assert_eq!((found.kept.len(), defects.len()), (0, 1));
    let bytes = log.as_bytes();
    for cut in (0..1_500).chain(bytes.len() - 200..bytes.len()) {
        read(&bytes[..cut.min(bytes.len())]);
    }
}

#[test]
fn only_a_missing_file_is_not_found() {
    let kind = |method: &str, status: &str| {
        let log = [
            TOP,
            FIELDS,
            &line("01:00:03", method, &group("a.mst"), status),
        ]
        .concat();
        let (found, defects) = read(log.as_bytes());
        assert_eq!(defects, []);
        found.kept.first().map(|one| one.fact.clone())
    };
    for (status, expected) in [
        ("200 0 0", Some("file-served")),
        ("206 0 64", Some("file-served")),
        ("304 0 0", Some("file-served")),
        ("404 0 2", Some("file-not-found")),
        ("404 0 3", Some("file-not-found")),
        ("404 0 0", Some("file-not-found")),
        ("404 0 -", Some("file-not-found")),
        ("404 - -", Some("file-not-found")),
        ("404 0 5", Some("request-refused")),
        ("404 2 2", Some("request-refused")),
        ("404 3 50", Some("request-refused")),
        ("404 7 0", Some("request-refused")),
        ("404 8 0", Some("request-refused")),
        ("404 20 2", Some("request-refused")),
        ("401 3 5", Some("request-refused")),
        ("403 0 5", Some("request-refused")),
        ("503 0 0", Some("request-refused")),
        ("401 0 0", None),
        ("401 1 2148074254", None),
        ("401 2 5", None),
        ("401 - 5", None),
        ("301 0 0", None),
        ("204 0 0", None),
        ("- 0 0", None),
    ] {
        if status.starts_with('-') {
            continue;
        }
        assert_eq!(
            kind("GET", status).map(|fact| fact.kind()),
            expected,
            "{status}"
        );
        assert_eq!(
            kind("head", status).map(|fact| fact.kind()),
            expected,
            "{status}"
        );
        assert_eq!(kind("PROPFIND", status), None);
    }
    let refused = Fact::RequestRefused {
        path: "a.mst".into(),
        http: 404,
        substatus: Some(3),
        win32: Some(50),
    };
    assert_eq!(kind("GET", "404 3 50"), Some(refused));
}

#[test]
fn columns_may_change_and_the_date_may_stand_above() {
    let stem = group("a.cab");
    let log = format!(
        "{TOP}#Fields: time cs-uri-stem sc-status s-computername\r\n23:59:58 {stem} 200 PS01\r\n00:00:01 {stem} 404 PS01\r\n{FIELDS}{}",
        line("03:00:00", "GET", &stem, "200 0 0")
    );
    // Without the column `date` the day is that of `#Date:`, until midnight.
    let (found, defects) = read(log.replace("01:00:02", "23:00:02").as_bytes());
    assert_eq!(defects, []);
    let times: Vec<String> = found
        .kept
        .iter()
        .map(|one| one.stamp.local.to_string())
        .collect();
    assert_eq!(
        times,
        [
            "2026-11-03 23:59:58",
            "2026-11-04 00:00:01",
            "2026-11-03 03:00:00"
        ]
    );
    assert_eq!(found.computer.as_deref(), Some("PS01"));
    let Fact::FileNotFound {
        substatus, win32, ..
    } = &found.kept[1].fact
    else {
        panic!("not a 404")
    };
    assert_eq!((*substatus, *win32), (None, None));
    // No date anywhere: the requests are told as lost.
    let (found, defects) = read(
        log.lines()
            .skip(3)
            .take(3)
            .collect::<Vec<_>>()
            .join("\n")
            .as_bytes(),
    );
    assert_eq!((found.kept.len(), defects.len()), (0, 1));
    assert!(defects[0].lost && defects[0].line == Some(2));
}

#[test]
fn a_cut_log_says_what_it_lacks() {
    let one = line("01:00:03", "GET", &group("a.cab"), "200 0 0");
    let bare = ["10.1.1.5 GET / - 80\r\n", &one, &one, &one].concat();
    assert!(recognise(&bare));
    let (found, defects) = read(bare.as_bytes());
    assert_eq!((found.kept.len(), found.records), (0, 4));
    assert!(defects.len() == 1 && defects[0].lost && defects[0].line == Some(2));
    let whole = [TOP, FIELDS, &one, &one].concat();
    let cut = &whole[..whole.len() - 30];
    let (found, defects) = read(cut.as_bytes());
    assert_eq!(found.kept.len(), 1);
    assert!(defects.len() == 1 && !defects[0].lost);
    let zeros = [whole.as_bytes(), &[0; 5_000]].concat();
    let (found, defects) = read(&zeros);
    assert_eq!((found.kept.len(), found.records, defects.len()), (2, 2, 0));
}

#[test]
fn other_texts_are_left_alone() {
    for text in [
        "",
        "2026-11-03 01:00:03 GET / 200\n",
        "#Software: Microsoft HTTP API 2.0\n#Fields: date time c-ip cs-uri sc-status\n",
        "<event date='Sep 26 15:37:19' severity='4'><![CDATA[GET /a]]></event>",
    ] {
        assert!(!recognise(text), "{text}");
    }
}
