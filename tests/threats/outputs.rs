//! T17 to T20: text of the evidence that would become markup, a formula, the name of a file or a
//! command to the terminal.

use super::below;
use crate::page::{browser, payloads};
use crate::support::{files, pkgtrail, text};
use calamine::{Reader, Xlsx};
use std::path::Path;

/// Whoever reads a record of these stories sees a package that was downloaded twice.
const STEPS: [&str; 7] = [
    "status changed to 'Download Pending'",
    "download started",
    "download completed, 100%",
    "status changed to 'Ready'",
    "status changed to 'Download Pending'",
    "download started",
    "download completed, 100%",
];

fn escaped(text: &str) -> String {
    let amp = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    amp.replace('"', "&quot;").replace('\'', "&apos;")
}

/// Writes a bundle that has each of the texts in every field of every kind of evidence.
fn bundle(folder: &Path, texts: &[String]) {
    let mut all: Vec<(String, String)> = Vec::new();
    let mut log = String::new();
    let mut listing = " Directory of D:\\PkgShare\r\n\r\n05/29/2026  06:03 AM    <DIR>          .\r\n05/29/2026  06:03 AM    <DIR>          ..\r\n".to_owned();
    let mut history = "Time;Name;Status;Details\n".to_owned();
    let mut captures = "path,captured_at\n".to_owned();
    let mut registry = "Windows Registry Editor Version 5.00\r\n\r\n".to_owned();
    let mut policy = "<Policies>".to_owned();
    let mut iis = "#Fields: date time cs-method cs-uri-stem sc-status sc-substatus sc-win32-status s-computername\n".to_owned();
    let mut copied = String::new();
    for (number, text) in texts.iter().enumerate() {
        let id = format!("{{1EC2{number:04}-E862-44A9-B3A6-27D918D136A2}}");
        let (xml, line) = (escaped(text), text.replace(['\r', '\n'], " "));
        let (section, cell) = (text.replace("]]>", "]] >"), text.replace('"', "\"\""));
        let word = line.replace(' ', "+");
        for (step, what) in STEPS.iter().enumerate() {
            // The host of all records but the last: one server for each text would hide the story.
            let host = if step + 1 == STEPS.len() {
                xml.as_str()
            } else {
                "PS09"
            };
            log += &format!(
                "<event date='2026-01-05T{:02}:{step:02}:{:02}+01:00' severity='{}' hostName='{host}' source='{xml}' module='{xml}' process='{xml}' pid='7' thread='{xml}' tickCount='{xml}'><![CDATA[Package {id} '{section}' {what} {section}]]></event>\n",
                1 + number / 60 * 3 + step / 3,
                number % 60,
                1 + step % 4,
            );
        }
        for (day, version) in [("04", 1_601_867_730), ("06", 1_601_867_731)] {
            all.push((
                format!("captures/202601{day}-0800/{id}/snapshot.xml"),
                format!("<snapshot id='{id}' name='{xml}' version='{version}' path='D:\\{xml}' hash='{xml}' created='{xml}'><file name='{xml}' size='{number}' hash='{xml}' modified='{xml}'/><folder name='{xml}'><file name='{day}{xml}' size='1'/></folder></snapshot>"),
            ));
        }
        all.push((
            format!("captures/{id}/PackageStatus.xml"),
            format!("<PackageStatus Id='{id}' Status='{xml}' Time='2026-01-05 08:00:00'/>"),
        ));
        all.push((format!("{number} {}.txt", shortened(&line)), text.clone()));
        listing += &format!("05/29/2026  06:03 AM             1,024 {line}\r\n");
        history += &format!(
            "2026-01-05 10:00:{:02};\"{cell}\";Ready;\"{cell}\"\n",
            number % 60
        );
        captures += &format!("\"{cell}\",2026-01-05 10:00:00\n");
        registry += &format!(
            "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Altiris\\{line}]\r\n\"{line}\"=\"{line}\"\r\n\"MachineName\"=\"{}\"\r\n\"TimeZoneKeyName\"=\"{0}\"\r\n\r\n",
            line.replace('"', "\\\"")
        );
        policy += &format!(
            "<SoftPkg Name='{xml}' displayName='{xml}' Id='{id}' InternalVersion='1601867730' CleanupAfter='60' Expires='{xml}'/>"
        );
        iis += &format!(
            "2026-01-05 09:00:{:02} GET /{word}/pkggroup_{id}/{word} 404 0 2 {word}\n",
            number % 60
        );
        copied += &format!(
            "Marking package id: {id} as deleted. {line}\r\n{}\r\nDate: 1/5/2026 11:28:{:02} AM, Tick Count: {number} (0.00:00:00), Size: 317 B\r\nProcess: {line} (7), Thread ID: 8, Module: {line}\r\nPriority: 4, Source: {line}\r\n\r\n",
            "-".repeat(101),
            number % 60
        );
    }
    listing += &format!(
        "{:16} File(s)          5,120 bytes\r\n\r\n     Total Files Listed:\r\n{0:16} File(s)          5,120 bytes\r\n               2 Dir(s)  36,863,332,352 bytes free\r\n",
        texts.len()
    );
    let more = [
        ("Agent.log", log),
        ("dir.txt", listing),
        ("history.csv", history),
        ("captures.csv", captures),
        ("a.reg", registry),
        ("AeXSWDPolicy.xml", policy + "</Policies>"),
        ("u_ex260105.log", iis),
        ("copy.txt", copied),
    ];
    all.extend(more.map(|(name, text)| (name.to_owned(), text)));
    for (name, text) in all {
        let place = folder.join(name);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::write(place, text).unwrap();
    }
}

/// As a disk takes it for a name.
fn shortened(line: &str) -> String {
    line.replace(['/', '\0'], "_").chars().take(90).collect()
}

#[cfg(unix)]
#[test]
fn t17_markup() {
    let here = tempfile::tempdir().unwrap();
    let harmless: Vec<String> = (0..payloads().len()).map(|one| format!("x{one}")).collect();
    for (name, texts) in [("evil", payloads()), ("harmless", harmless)] {
        bundle(&here.path().join(name), &texts);
        let run = pkgtrail(
            here.path(),
            &["report", name, "-o", &format!("{name}-out"), "-q"],
        );
        assert!(
            matches!(run.status.code(), Some(0 | 1)),
            "{}",
            text(&run.stderr)
        );
        let verdicts =
            std::fs::read_to_string(here.path().join(format!("{name}-out/verdicts.json"))).unwrap();
        for kind in pkgtrail::ingest::parsers::KINDS {
            assert!(
                verdicts.contains(&format!("\"kind\": \"{}\"", kind.name)),
                "{name} has no {}",
                kind.name
            );
        }
        let page =
            std::fs::read_to_string(here.path().join(format!("{name}-out/report.html"))).unwrap();
        let head = &page[page.find("<head>").unwrap() + 6..];
        assert!(
            head.trim_start().starts_with(
                "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src &#39;none&#39;;"
            ),
            "{}",
            &head[..300]
        );
        std::fs::write(here.path().join(format!("{name}-bundle.html")), page).unwrap();
    }
    browser(&["threats.test.mjs"], here.path());
}

#[test]
fn t18_formulas() {
    let here = tempfile::tempdir().unwrap();
    let texts: Vec<String> = [
        "=1+1",
        "+1+1",
        "-2+3+cmd|' /C calc'!A0",
        "@SUM(1)",
        "\t=1",
        "\r=1",
        "=HYPERLINK(\"http://evil.example\")",
        "=cmd|'/C calc'!A0",
        "=DDE(\"cmd\";\"/C calc\";\"x\")",
        "+cmd|x!A",
        "-cmd|x!A",
        "@cmd|x!A",
        "\0=1",
        "\n=1",
        "=IMPORTXML(\"http://evil.example\")",
        "=WEBSERVICE(\"http://evil.example\")",
        "{=1+1}",
        "\"=1+1",
        "'=1+1",
        "=1;\"a,b\"\n=2",
    ]
    .map(str::to_owned)
    .to_vec();
    bundle(&here.path().join("in"), &texts);
    let run = pkgtrail(
        here.path(),
        &["report", "in", "-o", "out", "--format", "xlsx", "-q"],
    );
    assert!(
        matches!(run.status.code(), Some(0 | 1)),
        "{}",
        text(&run.stderr)
    );
    let table = std::fs::read_to_string(here.path().join("out/timeline.csv")).unwrap();
    let rows = cells(&table);
    assert!(rows.len() > 7 * texts.len() && rows.iter().all(|row| row.len() == rows[0].len()));
    let triggers = ['=', '+', '-', '@', '\t', '\r', '\0'];
    let mut quoted = 0;
    for cell in rows.iter().flatten() {
        assert!(!cell.starts_with(triggers), "{cell:?}");
        quoted += usize::from(
            cell.strip_prefix('\'')
                .is_some_and(|rest| rest.starts_with(triggers)),
        );
    }
    assert!(
        quoted > 7 * 10,
        "the payloads are hardly in the table: {quoted}"
    );
    let mut book: Xlsx<_> = calamine::open_workbook(here.path().join("out/report.xlsx")).unwrap();
    let mut shown = 0;
    for sheet in book.sheet_names() {
        let formulas = book.worksheet_formula(&sheet).unwrap();
        assert!(formulas.used_cells().next().is_none(), "{sheet}");
        let cells = book.worksheet_range(&sheet).unwrap();
        shown += cells
            .used_cells()
            .filter(|cell| cell.2.to_string().contains("=1+1"))
            .count();
    }
    assert!(
        shown >= 7,
        "the payloads are hardly in the workbook: {shown}"
    );
    // No link, no connection, nothing embedded either.
    let bytes = std::fs::read(here.path().join("out/report.xlsx")).unwrap();
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    for number in 0..zip.len() {
        let mut part = zip.by_index(number).unwrap();
        let name = part.name().unwrap().into_owned();
        let mut inner = String::new();
        if std::io::Read::read_to_string(&mut part, &mut inner).is_ok() {
            assert!(
                !inner.contains("TargetMode=\"External\"") && !inner.contains("<f>"),
                "{name}"
            );
            assert!(
                !name.contains("externalLink") && !name.contains("connections"),
                "{name}"
            );
        }
    }
}

/// The cells of a CSV, by RFC 4180.
fn cells(table: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut letters = table.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => cell.extend(letters.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            other => cell.push(other),
        }
    }
    rows
}

#[test]
fn t19_names_of_outputs() {
    let root = tempfile::tempdir().unwrap();
    let here = root.path().join("a/b/c");
    std::fs::create_dir_all(&here).unwrap();
    let long = "x".repeat(300);
    let names = [
        "..\\..\\x",
        "../../x",
        "/tmp/x",
        "CON",
        "NUL.png",
        "C:\\x",
        "\\\\server\\share\\x",
        "x\0y",
        "a:stream",
        "..",
        ".",
        "",
        &long,
        "$HOME",
        "`id`",
        "|id",
        "a\nb",
        "*",
        "?",
        "-rf",
    ];
    bundle(&here.join("in"), &names.map(str::to_owned));
    let before = below(root.path());
    let forms = ["--svg", "--pictures", "--format", "xlsx,jsonl,trace", "-q"];
    let run = pkgtrail(
        &here,
        &[&["report", "in", "-o", "out"], forms.as_slice()].concat(),
    );
    assert!(
        matches!(run.status.code(), Some(0 | 1)),
        "{}",
        text(&run.stderr)
    );
    let mut after = below(root.path());
    after.retain(|path| !path.starts_with(here.join("out")));
    assert_eq!(after, before);
    let hex = |one: char| one.is_ascii_hexdigit() || one == '-';
    let mut pictures = 0;
    for path in files(&here.join("out")) {
        let name = path
            .strip_prefix(here.join("out"))
            .unwrap()
            .display()
            .to_string();
        let of_package = name
            .strip_prefix("pictures/")
            .and_then(|name| name.strip_suffix(".png"));
        let is_id = of_package.is_some_and(|id| id.len() >= 36 && id[..36].chars().all(hex));
        pictures += usize::from(is_id);
        let is_chart = name.starts_with("charts/")
            && name
                .chars()
                .all(|one| one.is_ascii_lowercase() || "/.-".contains(one));
        assert!(
            is_id || is_chart || pkgtrail::model::report::FILES.contains(&name.as_str()),
            "{name}"
        );
    }
    assert!(pictures >= names.len(), "{pictures}");
}

#[test]
fn t20_terminal() {
    crate::terminal::no_control_character_of_the_evidence_reaches_the_terminal();
}
