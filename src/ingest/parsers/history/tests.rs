//! Layouts, meanings of headers, second facts, orders, and every cut.

use super::*;
use crate::ingest::stamps::DateOrder;

const ID: &str = "{48CD8598-8533-4176-A05D-208D15FCA1BD}";

fn read_with(text: &str, order: Option<DateOrder>) -> (LogFacts, Trace, Vec<Defect>) {
    let how = How {
        catalogue: &Catalogue::new(),
        order,
        threads: 1,
        tags: false,
    };
    let mut defects = Vec::new();
    let (facts, trace) = parse(text, &how, &mut defects);
    (facts, trace, defects)
}

fn told(text: &str) -> Vec<String> {
    let (facts, ..) = read_with(text, None);
    let mut kept = facts.kept;
    kept.sort_by_key(|record| record.line());
    kept.iter()
        .map(|record| {
            let time = record
                .stamp()
                .map(|stamp| stamp.local.naive().time().to_string());
            let state = match &record.said.fact {
                Fact::StateChanged { to, .. } => format!("={}", to.name()),
                Fact::StateSeen { state } => format!("seen {}", state.name()),
                other => other.kind().to_owned(),
            };
            format!("{} {} {state}", record.line(), time.unwrap_or_default())
        })
        .collect()
}

const EXPECTED: [&str; 9] = [
    "2 03:55:07 =Download Pending",
    "3 03:55:11 =Downloading",
    "3 03:55:11 download-started",
    "4 03:55:12 =Retrying Download",
    "4 03:55:12 download-failed",
    "5 03:58:14 =Downloading",
    "5 03:58:14 download-resumed",
    "6 03:58:23 =Ready",
    "6 03:58:23 download-finished",
];

fn rows() -> Vec<[String; 4]> {
    [
        ["2024-10-27 03:55:07", ID, "Download Pending", ""],
        ["2024-10-27 03:55:11", ID, "Downloading", "Attempt 1"],
        [
            "2024-10-27 03:55:12",
            ID,
            "Retrying Download",
            "Error 0x80004005",
        ],
        ["2024-10-27 03:58:14", ID, "Downloading", "Attempt 2"],
        ["2024-10-27 03:58:23", ID, "Ready", "Download completed"],
    ]
    .map(|row| row.map(str::to_owned))
    .to_vec()
}

fn table(header: &str, join: impl Fn(&[String; 4]) -> String) -> String {
    let mut text = format!("{header}\r\n");
    for row in rows() {
        text += &(join(&row) + "\r\n");
    }
    text
}

#[test]
fn every_layout_tells_the_same() {
    let aligned =
        |row: &[String; 4]| format!("{:<21}{:<40}{:<21}{}", row[0], row[1], row[2], row[3]);
    for text in [
        table("\u{FEFF}\"Date\",\"GUID\",\"State\",\"Message\"", |row| {
            row.iter()
                .map(|cell| format!("\"{cell}\""))
                .collect::<Vec<_>>()
                .join(",")
        }),
        table("When\tPackage Id\tNew status\tRemark", |row| row.join("\t")),
        table("Timestamp;Package;Status;Details", |row| row.join(";")),
        table(
            &format!("{:<21}{:<40}{:<21}Details", "Time", "Package", "Status"),
            aligned,
        ),
        table("Status|Info|Name|Package GUID|Date|Time", |row| {
            let (day, time) = row[0].split_once(' ').unwrap();
            format!("{}|{}|Contoso|{}|{day}|{time}", row[2], row[3], row[1])
        }),
    ] {
        assert!(recognise(&text), "{text}");
        assert_eq!(told(&text), EXPECTED, "{text}");
        let (facts, _, defects) = read_with(&text, None);
        assert_eq!((facts.records, defects.len()), (5, 0), "{text}");
        assert!(facts.is_selection);
        assert!(
            facts
                .kept
                .iter()
                .all(|one| one.said.package == PackageId::parse(ID))
        );
        let failed = facts.kept.iter().find_map(|one| match one.said.fact {
            Fact::DownloadFailed { code, .. } => code,
            _ => None,
        });
        assert_eq!(failed, Some(0x8000_4005));
    }
}

#[test]
fn newest_first_and_sorted_by_package_are_one_undisturbed_clock() {
    let mut lines: Vec<String> = rows().iter().map(|row| row.join("\t")).collect();
    lines.reverse();
    let text = format!("Time\tPackage\tStatus\tDetails\n{}\n", lines.join("\n"));
    let (facts, trace, _) = read_with(&text, None);
    assert!(facts.newest_first);
    assert_eq!(trace.lanes[1].len(), 1);
    assert_eq!(facts.rank(6), 1);
    assert_eq!(told(&text).len(), EXPECTED.len());
    let other = ID.replace("48CD", "48CE");
    let text = table("Time\tPackage\tStatus\tDetails", |row| row.join("\t"))
        + &rows()
            .iter()
            .map(|row| row.join("\t").replace(ID, &other) + "\n")
            .collect::<String>();
    let (facts, trace, _) = read_with(&text, None);
    assert_eq!((facts.newest_first, trace.lanes[1].len()), (false, 1));
}

#[test]
fn a_state_again_is_no_change() {
    let text = format!(
        "Time\tPackage\tState\tText\n2024-10-27 03:55:07\t{ID}\tReady\t\n2024-10-27 04:55:07\t{ID}\tReady\t\n2024-10-27 05:55:07\t{ID}\tDownloading\tAttempt 1\n2024-10-27 05:56:07\t{ID}\tDownloading\tAttempt 2\n"
    );
    assert_eq!(
        told(&text),
        [
            "2 03:55:07 =Ready",
            "3 04:55:07 seen Ready",
            "4 05:55:07 =Downloading",
            "4 05:55:07 download-started",
            "5 05:56:07 seen Downloading",
            "5 05:56:07 download-resumed",
        ]
    );
}

#[test]
fn details_tell_one_fact_more_and_never_the_opposite() {
    for (state, details, fact) in [
        (
            "Deleted",
            "Package was removed from configuration",
            "unassigned",
        ),
        ("Deleted", "Marked as deleted", "marked-deleted"),
        ("Retrying", "Server is busy", "download-failed"),
        ("Invalid", "Download failed -2147467259", "download-failed"),
        ("Ready", "Download completed", "download-finished"),
        ("Ready", "Download not completed", ""),
        ("Ready", "Download finished with error 0x80004005", ""),
        ("Ready", "", ""),
        ("Download Pending", "Attempt 2", ""),
    ] {
        let text =
            format!("Time\tPackage\tState\tText\n2024-10-27 03:55:07\t{ID}\t{state}\t{details}\n");
        let (facts, ..) = read_with(&text, None);
        let second = facts.kept.get(1).map_or("", |one| one.said.fact.kind());
        let fits = second == fact || fact.is_empty() && second != "download-finished";
        assert!(fits, "{state} {details}: {second}");
        let exact = State::parse(state).is_some_and(|known| known.name() == state);
        let wording = if exact {
            Wording::Documented
        } else {
            Wording::Assumed
        };
        assert_eq!(facts.kept[0].said.wording, wording, "{state}");
    }
}

#[test]
fn names_hosts_and_zones_in_columns() {
    let text = "Package Server history of today\n\nTime (UTC),Name,Status,Server\n2024-10-27 03:55:07,\"Contoso, VPN\",Ready (100%),PS01\n";
    assert!(recognise(text));
    let (facts, ..) = read_with(text, None);
    let kept = &facts.kept[0];
    assert_eq!((kept.line(), kept.said.package), (4, None));
    assert_eq!(kept.said.name.as_deref(), Some("Contoso, VPN"));
    assert_eq!(kept.server.as_deref(), Some("PS01"));
    assert_eq!(kept.stamp().unwrap().offset, Some(0));
    assert_eq!(&*kept.said.message, "Contoso, VPN: Ready (100%)");
}

#[test]
fn what_cannot_be_read_is_told() {
    let text = format!(
        "Time\tPackage\tState\n2024-10-27 03:55:07\t{ID}\tReady\n27th 03h\t{ID}\tReady\n2024-10-27 03:56:07\t{ID}\tOnHold\n8/9/2024 1:00:00 AM\t{ID}\tReady\n"
    );
    let (facts, _, defects) = read_with(&text, None);
    assert_eq!(facts.records, 3);
    let all: Vec<&str> = defects.iter().map(|defect| defect.what.as_str()).collect();
    assert_eq!(all.len(), 3, "{all:?}");
    assert!(all[1].starts_with("1 row without a time") && defects[1].lost);
    assert!(all[2].contains("`OnHold`"));
    assert_eq!(read_with(&text, Some(DateOrder::Dmy)).2.len(), 2);
}

#[test]
fn other_tables_are_no_history() {
    for text in [
        "",
        "path,captured_at\nx,2024-10-27\n",
        "FullName,Length,LastWriteTime\nD:\\a,1,2024-10-27 03:55:07\n",
        "TimeCreated,Id,LevelDisplayName,Message\n2024-10-27 03:55:07,1116,Warning,x\n",
        "Time,Package,Status\n2024-10-27 03:55:07,{48CD8598-8533-4176-A05D-208D15FCA1BD},Open\n",
        "Time,Package,Status\n",
        "<Time Package Status>",
    ] {
        assert!(!recognise(text), "{text}");
    }
}

#[test]
fn every_cut_and_any_bytes_give_no_panic() {
    let aligned = table(
        &format!("{:<21}{:<40}{:<21}Details", "Time", "Package", "Status"),
        |row| format!("{:<21}{:<40}{:<21}{}", row[0], row[1], row[2], row[3]),
    );
    for text in [
        aligned,
        table("\"Date\",\"GUID\",\"State\",\"Message\"", |row| {
            row.join("\",\"")
        }),
    ] {
        for cut in 0..text.len() {
            recognise(&text[..cut]);
            assert!(read_with(&text[..cut], None).0.records <= 5);
        }
    }
    let mut seed = 3_u64;
    let pieces = [
        "é",
        "  ",
        "\n",
        "\"",
        ",",
        "Ready",
        "7",
        ":",
        "\t",
        "ﬁ",
        "2024-10-27 03:55:07",
        ID,
    ];
    for _ in 0..500 {
        let mut text = "Time  Package  Status  é\n".to_owned();
        for _ in 0..50 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let at = usize::try_from(seed >> 33).unwrap_or(0) % pieces.len();
            text += pieces[at];
        }
        read_with(&text, None);
    }
}
