//! `--redact`: nothing planted comes out, in no form, and the verdicts stay the same.

use crate::support::{files, pkgtrail, sample, samples, text};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::io::{Cursor, Read, Write};
use std::path::Path;

/// A package that the sample tells much about.
const PACKAGE: &str = "{254973AE-2D8D-4B36-A15F-CE4CC3EAD889}";

/// Words that must not come out, and the record that says them.
const PLANTED: &[(&[&str], &str)] = &[
    // Hosts and domains.
    (&["filer-ost9"], r"copied from \\FILER-OST9\quelle\paket"),
    (&["sammler41"], r"\\?\UNC\SAMMLER41\ablage is not reachable"),
    (
        &["verteiler5", "nordlicht.internal"],
        "from http://verteiler5.nordlicht.internal:8080/pkg failed",
    ),
    (
        &["konsole23", "werft.nordlicht.internal"],
        "served by konsole23.werft.nordlicht.internal at last",
    ),
    (&["relais88"], "Host: relais88\nPort: 80"),
    (&["taskbox12"], "task server 'TASKBOX12' asked"),
    (&["messrechner7"], "computer messrechner7 asked for it"),
    (&["wartung3x"], "ComputerName=WARTUNG3X"),
    (&["spiegel61"], "ftp://spiegel61/pub"),
    (
        &["knoten17"],
        "FILER-OST9, knoten17.nordlicht.internal and KNOTEN17 agree",
    ),
    (&["nordwerk"], r"refresh forced by NORDWERK\dagmar.iversen"),
    (&["dagmar.iversen"], "dagmar.iversen asked again"),
    // Users.
    (&["hinnerk"], r"read C:\Users\hinnerk\AppData\Local\x.tmp"),
    (
        &["wiebke lorenz"],
        r"read C:\Users\Wiebke Lorenz\Desktop\liste.txt",
    ),
    (
        &["oke.petersen"],
        r"C:\Documents and Settings\oke.petersen\a.log",
    ),
    (&["tjark77"], "user 'tjark77' asked for a refresh"),
    (&["svc-paket9"], r"run as user NORDWERK\svc-paket9"),
    (&["levke"], "UserName: levke"),
    (&["momme_h"], "user=momme_h"),
    (&["gesche"], r"owner: NORDWERK%5Cgesche"),
    (&["jörn"], r"user 'Jörn' and JÖRN"),
    (&["o'dwyer"], r"user=&quot;NORDWERK\o'dwyer&quot; gone"),
    (&["fenja8"], "home of /home/fenja8/x"),
    (&["rechner55"], r"account NORDWERK\RECHNER55$"),
    // SIDs, addresses, mail.
    (
        &["s-1-5-21-1085031214", "1085031214"],
        "owner S-1-5-21-1085031214-1563985344-725345543-1104",
    ),
    (
        &["2025429265"],
        "group S-1-5-21-2025429265-492894223-1708537768-513",
    ),
    (&["172.23.45.67"], "from 172.23.45.67:52028"),
    (
        &["10.99.3.14", "10-99-3-14"],
        "client 10.99.3.14 is dhcp-10-99-3-14",
    ),
    (&["192-168-77-66"], "name dhcp-192-168-77-66 found"),
    (&["203.0.113.77"], "address 203.0.113.77"),
    (&["2001:db8:77::5"], "from 2001:db8:77::5 by ICMP"),
    (&["fd77:1:2:3:4:5:6:7"], "[fd77:1:2:3:4:5:6:7]:443"),
    (&["00-15-5d-77-02-03"], "adapter 00-15-5D-77-02-03"),
    (&["00:15:5d:99:02:03"], "adapter 00:15:5d:99:02:03"),
    (
        &["inga.brandt", "nordwerft.example"],
        "mail to inga.brandt@nordwerft.example failed",
    ),
    (&["hilfe77"], "upn hilfe77@werft.nordlicht.internal"),
    // Queries.
    (
        &["abteilung-einkauf"],
        "GET http://verteiler5/a.aspx?abteilung=abteilung-einkauf&version=1768226417",
    ),
    (&["suchwort77"], "GET http://verteiler5/suche?q=suchwort77"),
    // Secrets: dropped even without the option.
    (&["geheim-01"], "connect with Password=geheim-01; retry"),
    (&["geheim-02"], "pwd='geheim-02'"),
    (&["geheim-03"], "<AccPassword>geheim-03</AccPassword>"),
    (&["geheim-04"], "http://anna77:geheim-04@verteiler5/x"),
    (
        &["geheim-05"],
        "Authorization: Bearer geheim-05-aaaaaaaaaaaa",
    ),
    (&["geheim-06"], "Server=db;Uid=sa;Pwd=geheim-06;"),
    (&["geheim-07"], "http://verteiler5/x?sig=geheim-07"),
    (&["geheim-08"], r"net use \\FILER-OST9\x geheim-08 /user:y"),
    (&["geheim-09"], "setup.exe --password geheim-09 /q"),
    (
        &["geheim-10"],
        "-----BEGIN RSA PRIVATE KEY-----\ngeheim-10\n-----END RSA PRIVATE KEY-----",
    ),
    (&["geheim-11"], "{\"clientSecret\": \"geheim-11\"}"),
    (&["geheim-12"], "api_key: geheim-12"),
    (
        &["geheim-13"],
        "ConvertTo-SecureString 'geheim-13' -AsPlainText",
    ),
    (&["geheim-14"], "Cookie: sid=geheim-14"),
    // What an attack found.
    (&["lager33"], r#"{"from":"\\\\LAGER33\\quelle"}"#),
    (&["lager34"], r"\\.\UNC\LAGER34\quelle is there"),
    (&["lager35"], "mounted //lager35/quelle on x"),
    (&["lager36"], "%255C%255Clager36%255Cquelle"),
    (&["lager37"], "found on LAGER37 at last"),
    (&["lager38"], "<ComputerName>LAGER38</ComputerName>"),
    (&["lagernord"], r"\\LAGERNORD\x as lagernord6"),
    (&["ragna", "thomsen"], "user 'Ragna Thomsen', so Thomsen"),
    (&["birte", "lassen"], "UserName: Birte Lassen, so Lassen"),
    (&["swantje", "behn"], "CN=Swantje Behn,OU=Nord, so Behn"),
    (&["kalle_b"], "Benutzername: kalle_b"),
    (&["nis9"], r#"{\"user\":\"NORDWERK\\nis9\"}"#),
    (&["00155d770601"], "MAC 00155D770601"),
    (&["0015.5d77.0602"], "adapter 0015.5d77.0602"),
    (&["215:5dff:fe77:603"], "via fe80::215:5dff:fe77:603"),
    (&["geheim-17"], "Kennwort: geheim-17"),
    (&["geheim-18"], "mot de passe : \"ah geheim-18\""),
    (&["geheim-19"], "copy //anna77:geheim-19@verteiler5/x"),
    (&["geheim-20"], "proxy anna77:geheim-20@verteiler5:8080"),
    (&["geheim-21"], "Uid=sa;Pwd=ah geheim-21;Timeout=3"),
    (&["geheim-22"], "Password=ah&geheim-22"),
    (&["geheim-23"], r#"{"password":"ah\"geheim-23"}"#),
    (&["geheim-24"], "&lt;Password&gt;geheim-24&lt;/Password&gt;"),
    (
        &["eyjhbgcioijiuzi1nij9"],
        "sent eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXI",
    ),
    (&["geheim-25"], "GET http://verteiler5/x?a=1;pass=geheim-25"),
    // What a second attack found.
    (&["geheim-26"], "robot.exe /u:y /p:geheim-26 /q"),
    (&["geheim-27"], "robot.exe -p 'ah geheim-27' -u y"),
    (&["geheim-28"], "schtasks /ru y /rp \"ah geheim-28\" /tn z"),
    (&["geheim-29"], r"net use Z: \\LAGER33\x /u:y geheim-29"),
    (&["geheim-30"], r#"["-u", "y", "-p", "geheim-30"]"#),
    (
        &["geheim-31", "geheim-32"],
        "password changed from 'geheim-31' to 'geheim-32'",
    ),
    (&["geheim-33"], "Kennwort wurde auf geheim-33 gesetzt"),
    (&["geheim-34"], "Password (geheim-34)"),
    (&["geheim-35"], "Password [ah geheim-35]"),
    (&["geheim-36"], "password=ah oh geheim-36"),
    (&["geheim-37"], "Kennwort: ah oh geheim-37, noch einmal"),
    (&["geheim-38"], "Password=ah;geheim-38;Timeout=3"),
    (&["geheim-39"], "the password is ah geheim-39"),
    (&["volquart7"], "app /u:volquart7 /p:y"),
    (&["volkert"], "refresh initiated by volkert"),
    (&["m.detlefsen"], "requested by m.detlefsen"),
    (&["hansen8"], "User hansen8 changed the policy"),
    (&["paulsen"], "run as paulsen"),
    (&["nissen9"], "logged on as user nissen9"),
    (&["jensine"], "Benutzer jensine hat es angefordert"),
    (&["lager51"], "share LAGER51\\ablage is gone"),
    (&["lager52"], r"reading LAGER52\D$\x"),
    (&["feddersen"], r"HKEY_USERS\NORDWERK\feddersen\Software"),
    (
        &["3141592653", "1104_classes"],
        r"HKU\S-1-5-21-3141592653-1563985344-725345543-1104_Classes",
    ),
    (&["ketelsen"], "DisplayName='Anna Ketelsen', so Ketelsen"),
    (&["xaver quandt"], "Full name: Xaver Quandt"),
];

/// What is planted in other places, by [`plant`].
const ELSEWHERE: &[&str] = &[
    "psnord77",    // hostName, the folder's name
    "quellserv3",  // the path in snapshot.xml
    "fenna.thoms", // snapshot.xml's raw line
    "geheim-15",   // the same
    "lister82",    // a listing
    "geheim-16",   // PackageStatus.xml
    "ubbo",        // a folder
    "zipuser9",    // a member of an archive
    "mattes44",    // the name of a pattern
    "kaputtpc6",   // broken XML
    "geheim-81",   // a start tag
];

/// A copy of a sample with all of it planted. Gives the folder's name.
fn plant(here: &Path) -> &'static str {
    let name = "PSNORD77-sammlung";
    let from = sample("external-removal").join("evidence");
    for file in files(&from) {
        let to = here.join(name).join(file.strip_prefix(&from).unwrap());
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        let content = std::fs::read_to_string(&file).unwrap();
        let content = content
            .replace("NBG-PKG01", "PSNORD77")
            .replace(r"\\nsmp\PkgSource", r"\\QUELLSERV3\PkgSource")
            .replace(
                "<PackageSnapshot ",
                "<PackageSnapshot author='NORDWERK\\fenna.thoms' password='geheim-15' ",
            )
            .replace(
                "<PackageStatus ",
                "<PackageStatus Server='PSNORD77' Secret='geheim-16' ",
            )
            .replace(
                r" Directory of D:\PkgShare\Apps",
                r" Directory of \\LISTER82\D$\PkgShare\Apps",
            );
        std::fs::write(to, content).unwrap();
    }
    let mut log = String::new();
    for (number, (_, says)) in PLANTED.iter().enumerate() {
        log += &format!(
            "<event date='02/14/2026 08:{:02}:{:02}.0000000 +01:00' severity='1' hostName='PSNORD77' source='Package Delivery' module='x.dll' process='AeXNSAgent.exe' pid='1' thread='2' tickCount='{}' >\n<![CDATA[Package {PACKAGE}: {says}]]>\n</event>\n",
            number / 60,
            number % 60,
            900_000_000 + number * 1_000,
        );
    }
    // In start tags, of which two are alike: the page puts them together from parts.
    for second in 0..2 {
        log += &format!(
            "<event date='02/14/2026 08:59:{second:02}.0000000 +01:00' severity='1' hostName='PSNORD77' source='Package Delivery' module='x.dll /password:geheim-81' process='AeXNSAgent.exe' pid='1' thread='2' tickCount='98000000{second}' >\n<![CDATA[Package {PACKAGE}: download failed]]>\n</event>\n",
        );
    }
    let folder = here.join(name).join(r"Users/ubbo/Logs");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("Agent.log"), log).unwrap();
    let mut zip = zip::ZipWriter::new(Cursor::new(vec![]));
    let plain = zip::write::SimpleFileOptions::default();
    zip.start_file("Users/zipuser9/snapshot.xml", plain)
        .unwrap();
    let broken = format!(
        "<PackageSnapshot packageGuid='{PACKAGE}' packageVersion='1768226417' packagePath='\\\\KAPUTTPC6\\x'><File name=\"a\" <<"
    );
    zip.write_all(broken.as_bytes()).unwrap();
    let zip = zip.finish().unwrap().into_inner();
    std::fs::write(here.join(name).join("PSNORD77.zip"), zip).unwrap();
    std::fs::write(
        here.join("muster.toml"),
        "[[message]]\nname = \"von-mattes44\"\nkind = \"download-started\"\npattern = '^Fetch of (?<package>\\S+) for user (?<x>mattes44) begins'\nsamples = [\"Fetch of {1EC214B8-E862-44A9-B3A6-27D918D136A2} for user mattes44 begins\"]\n".replace("(?<x>mattes44)", "mattes44"),
    )
    .unwrap();
    let taught = format!(
        "<event date='02/14/2026 09:00:00.0000000 +01:00' severity='4' hostName='PSNORD77' source='Package Delivery' module='x.dll' process='AeXNSAgent.exe' pid='1' thread='2' tickCount='990000000' >\n<![CDATA[Fetch of {PACKAGE} for user mattes44 begins]]>\n</event>\n"
    );
    std::fs::write(here.join(name).join("Logs/Agent9.log"), taught).unwrap();
    name
}

fn planted() -> Vec<&'static str> {
    let said = PLANTED.iter().flat_map(|(words, _)| words.iter());
    said.chain(ELSEWHERE).copied().collect()
}

/// All that a file of the report holds as text, packed or not.
fn readable(name: &str, bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut all = vec![(name.to_owned(), bytes.to_vec())];
    if name.ends_with(".xlsx") {
        let mut book = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        for place in 0..book.len() {
            let mut part = book.by_index(place).unwrap();
            let inner = part.name().unwrap().into_owned();
            let mut content = vec![];
            part.read_to_end(&mut content).unwrap();
            all.push((format!("{name}!{inner}"), content));
        }
        assert!(all.len() > 5, "{name} has no parts");
    }
    if name.ends_with(".html") {
        let page = text(bytes);
        let open = "<script type=\"application/octet-stream\" id=\"";
        for block in page.split(open).skip(1) {
            let packed = block.split_once('>').unwrap().1.split('<').next().unwrap();
            for part in packed.trim().split('.') {
                let packed = STANDARD.decode(part).unwrap();
                let mut content = vec![];
                flate2::read::DeflateDecoder::new(&packed[..])
                    .read_to_end(&mut content)
                    .unwrap();
                all.push((format!("{name}!data"), content));
            }
        }
        assert!(all.len() >= 3, "{name} has no data");
    }
    if name.ends_with(".parquet") {
        use polars_io::SerReader;
        let table = polars_io::prelude::ParquetReader::new(Cursor::new(bytes.to_vec()))
            .finish()
            .unwrap();
        let mut content = vec![];
        for column in table.columns() {
            for row in 0..table.height() {
                let cell = column.get(row).unwrap();
                match cell.get_str() {
                    Some(text) => writeln!(content, "{text}").unwrap(),
                    None => writeln!(content, "{cell}").unwrap(),
                }
            }
        }
        assert!(content.len() > 10_000, "{name} has no rows");
        all.push((format!("{name}!rows"), content));
    }
    all
}

fn utf16(word: &str) -> Vec<u8> {
    word.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// The letters of base64 that bytes leave behind, wherever they begin.
fn in_base64(bytes: &[u8]) -> Vec<String> {
    (0..3_usize)
        .map(|shift| {
            let padded: Vec<u8> = std::iter::repeat_n(0, shift)
                .chain(bytes.iter().copied())
                .collect();
            let letters = STANDARD.encode(&padded);
            let whole = padded.len() / 3 * 4;
            // The first letters and the last depend on what stands around.
            letters[(shift * 4).div_ceil(3)..whole].to_owned()
        })
        .filter(|letters| letters.len() >= 7)
        .collect()
}

fn in_percent(word: &str) -> String {
    let all = word.bytes().map(|byte| match byte {
        b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_' => (byte as char).to_string(),
        other => format!("%{other:02x}"),
    });
    all.collect()
}

fn holds(all: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(all, part).is_some()
}

/// In which form a word stands in bytes, if in any.
fn leak(content: &[u8], word: &str) -> Option<&'static str> {
    let lower = text(content).to_lowercase().into_bytes();
    let folded: Vec<u8> = content.to_ascii_lowercase();
    let plain = [
        word.to_owned(),
        word.replace('\'', "&#39;"),
        word.replace('\'', "&apos;"),
    ];
    if plain.iter().any(|one| holds(&lower, one.as_bytes())) {
        return Some("text");
    }
    if holds(&folded, &utf16(word)) {
        return Some("UTF-16");
    }
    if holds(&folded, in_percent(word).as_bytes()) {
        return Some("%-encoded");
    }
    let spellings = [word.to_owned(), word.to_uppercase()];
    for one in &spellings {
        let encoded = in_base64(one.as_bytes())
            .into_iter()
            .chain(in_base64(&utf16(one)));
        for letters in encoded {
            if holds(content, letters.as_bytes()) {
                return Some("base64");
            }
        }
    }
    None
}

#[test]
fn a_leak_is_seen_in_every_form() {
    let base64 = STANDARD.encode(r"C:\Users\dagmar.iversen\x");
    let wide = STANDARD.encode(utf16("xdagmar.iversen"));
    let contents: [(&[u8], &str); 5] = [
        (b"by Dagmar.Iversen", "text"),
        (&utf16("dagmar.IVERSEN"), "UTF-16"),
        (base64.as_bytes(), "base64"),
        (wide.as_bytes(), "base64"),
        (b"J%C3%B6rn", "%-encoded"),
    ];
    for (content, form) in contents {
        let word = if form == "%-encoded" {
            "jörn"
        } else {
            "dagmar.iversen"
        };
        assert_eq!(leak(content, word), Some(form));
    }
    assert_eq!(leak(b"dagmar", "dagmar.iversen"), None);
}

#[test]
fn t21_of_sixty_planted_secrets_none_comes_out() {
    let here = tempfile::tempdir().unwrap();
    let evidence = plant(here.path());
    let words = planted();
    assert!(words.len() >= 60, "{}", words.len());
    let common = ["--messages", "muster.toml", "-v"];
    let forms = ["--format", "xlsx,jsonl,trace", "--pictures", "--svg"];
    let arguments = |first: &[&'static str], more: &[&'static str]| {
        [first, &[evidence], &common[..], more].concat()
    };
    let plain = pkgtrail(
        here.path(),
        &arguments(&["report"], &[&forms[..], &["-o", "plain"]].concat()),
    );
    assert!(
        matches!(plain.status.code(), Some(0 | 1)),
        "{}",
        text(&plain.stderr)
    );
    let shown = pkgtrail(here.path(), &arguments(&["report", "--redact"], &forms));
    assert_eq!(
        shown.status.code(),
        plain.status.code(),
        "{}",
        text(&shown.stderr)
    );
    let folder = here.path().join("HOST-10-sammlung-report");
    let map = std::fs::read_dir(here.path())
        .unwrap()
        .map(|one| one.unwrap().file_name().into_string().unwrap());
    let names: Vec<String> = map.collect();
    let folder = match folder.exists() {
        true => folder,
        false => here.path().join(
            names
                .iter()
                .find(|one| one.ends_with("-sammlung-report"))
                .unwrap(),
        ),
    };
    let mut outputs = vec![
        ("standard output".to_owned(), shown.stdout),
        ("standard error".to_owned(), shown.stderr),
        (
            "the folder's name".to_owned(),
            folder
                .file_name()
                .unwrap()
                .to_string_lossy()
                .into_owned()
                .into_bytes(),
        ),
    ];
    for command in [&["timeline", "--redact"][..], &["messages", "--redact"]] {
        let run = pkgtrail(here.path(), &arguments(command, &[]));
        assert!(
            matches!(run.status.code(), Some(0 | 1)),
            "{}",
            text(&run.stderr)
        );
        assert!(run.stdout.len() > 1_000, "{command:?} tells nothing");
        outputs.push((format!("{command:?}"), run.stdout));
        outputs.push((format!("{command:?} on standard error"), run.stderr));
    }
    let count = outputs.len();
    for file in files(&folder) {
        let name = file
            .strip_prefix(&folder)
            .unwrap()
            .to_string_lossy()
            .into_owned();
        outputs.push((format!("the name {name}"), name.clone().into_bytes()));
        outputs.extend(readable(&name, &std::fs::read(&file).unwrap()));
    }
    assert!(outputs.len() > count + 20, "the report is not whole");
    let mut leaks = vec![];
    for (name, content) in &outputs {
        for word in &words {
            leaks.extend(leak(content, word).map(|form| format!("{word} as {form} in {name}")));
        }
    }
    assert!(
        leaks.is_empty(),
        "{} leaks:\n{}",
        leaks.len(),
        leaks.join("\n")
    );

    // Without the option, identities stand and secrets do not.
    let csv = std::fs::read_to_string(here.path().join("plain/timeline.csv")).unwrap();
    let csv = csv.to_lowercase();
    for word in &words {
        let is_secret = word.starts_with("geheim-");
        let off_table = [
            "quellserv3",
            "fenna.thoms",
            "lister82",
            "mattes44",
            "kaputtpc6",
            "gesche",
            "2025429265",
        ];
        assert!(!is_secret || !csv.contains(word), "{word} is not dropped");
        // A bare token is dropped too.
        let is_secret = is_secret || word.starts_with("eyj");
        if !is_secret && !off_table.contains(word) && PLANTED.iter().any(|one| one.0[0] == *word) {
            assert!(csv.contains(word), "{word} was never there");
        }
    }
    for file in files(&here.path().join("plain")) {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        for (name, content) in readable(&name, &std::fs::read(&file).unwrap()) {
            for word in words.iter().filter(|word| word.starts_with("geheim-")) {
                assert_eq!(
                    leak(&content, word),
                    None,
                    "{word} in {name} without --redact"
                );
            }
        }
    }
    // The versions of the verdicts stand.
    assert!(csv.contains("1768226417"));
    let told = std::fs::read_to_string(folder.join("timeline.csv")).unwrap();
    assert_eq!(
        told.matches("1768226417").count(),
        csv.matches("1768226417").count()
    );
    same_verdicts(&here.path().join("plain"), &folder);
}

/// All values that must not change, in their order.
fn kept(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let literal = [
                    "id",
                    "state",
                    "verdict",
                    "grade",
                    "at",
                    "started_at",
                    "completed_at",
                    "previous_completed_at",
                    "after",
                    "before",
                    "sha256",
                    "from",
                    "to",
                    "bytes",
                    "records",
                    "files_missing",
                    "files_listed",
                ];
                if literal.contains(&name.as_str()) {
                    out.push(format!("{name}={value}"));
                }
                kept(value, out);
            }
        }
        Value::Array(values) => values.iter().for_each(|one| kept(one, out)),
        _ => {}
    }
}

fn same_verdicts(plain: &Path, redacted: &Path) {
    let read = |folder: &Path| -> Value {
        serde_json::from_str(&std::fs::read_to_string(folder.join("verdicts.json")).unwrap())
            .unwrap()
    };
    let (mut one, mut other) = (vec![], vec![]);
    kept(&read(plain), &mut one);
    kept(&read(redacted), &mut other);
    assert!(one.len() > 10);
    assert_eq!(one, other);
}

#[test]
fn the_verdicts_of_every_sample_are_those_without_redaction() {
    for sample in samples() {
        let here = tempfile::tempdir().unwrap();
        let evidence = sample.join("evidence");
        let evidence = evidence.to_str().unwrap();
        for arguments in [&["-o", "plain"][..], &["-o", "shown", "--redact"]] {
            let all = [&["report", evidence], arguments].concat();
            let run = pkgtrail(here.path(), &all);
            assert!(
                matches!(run.status.code(), Some(0 | 1)),
                "{}",
                text(&run.stderr)
            );
        }
        let (plain, shown) = (here.path().join("plain"), here.path().join("shown"));
        same_verdicts(&plain, &shown);
        // The map read backwards gives the same text.
        let map = std::fs::read_to_string(here.path().join("shown-redaction-map.json")).unwrap();
        let map: Value = serde_json::from_str(&map).unwrap();
        let mut names: Vec<(String, String)> = map["names"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| {
                let text = |key: &str| one[key].as_str().unwrap().to_lowercase();
                (text("name"), text("original"))
            })
            .collect();
        names.sort_by_key(|one| std::cmp::Reverse(one.0.len()));
        assert!(!names.is_empty(), "{}", sample.display());
        let read = |folder: &Path| {
            std::fs::read_to_string(folder.join("verdicts.json"))
                .unwrap()
                .to_lowercase()
        };
        let mut back = read(&shown);
        for (name, original) in names {
            back = back.replace(&name, &original);
        }
        assert_eq!(back, read(&plain), "{}", sample.display());
    }
}

/// A host that is called like a common word, and a package that is called like an address.
#[test]
fn a_word_of_prose_hides_no_host_and_a_version_is_no_address() {
    let here = tempfile::tempdir().unwrap();
    let from = sample("external-removal").join("evidence");
    for file in files(&from) {
        let to = here
            .path()
            .join("Backup")
            .join(file.strip_prefix(&from).unwrap());
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        let content = std::fs::read_to_string(&file).unwrap();
        let content = content
            .replace("NBG-PKG01", "Backup")
            .replace("Nordwind Drawing Suite 11", "Nordwind Drawing 10.2.3.4");
        std::fs::write(to, content).unwrap();
    }
    let broken = format!("<PackageSnapshot packageGuid='{PACKAGE}' packageVersion='1' <<");
    std::fs::write(here.path().join("Backup/broken.xml"), broken).unwrap();
    let run = pkgtrail(here.path(), &["report", "--redact", "Backup", "-v"]);
    assert!(
        matches!(run.status.code(), Some(0 | 1)),
        "{}",
        text(&run.stderr)
    );
    let names: Vec<String> = std::fs::read_dir(here.path())
        .unwrap()
        .map(|one| one.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with("-report"))
        .collect();
    assert!(
        names.len() == 1 && names[0].starts_with("HOST-"),
        "{names:?}"
    );
    let folder = here.path().join(&names[0]);
    let mut outputs = vec![
        ("standard output".to_owned(), run.stdout),
        ("standard error".to_owned(), run.stderr),
    ];
    for command in ["timeline", "messages"] {
        let run = pkgtrail(here.path(), &[command, "--redact", "Backup", "-v"]);
        assert!(run.stdout.len() > 1_000 && run.stderr.len() > 100);
        outputs.push((command.to_owned(), run.stdout));
        outputs.push((format!("{command} on standard error"), run.stderr));
    }
    for file in files(&folder) {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        outputs.extend(readable(&name, &std::fs::read(&file).unwrap()));
    }
    for (name, content) in &outputs {
        assert!(!text(content).contains("Backup"), "in {name}");
    }
    let verdicts = std::fs::read_to_string(folder.join("verdicts.json")).unwrap();
    assert!(verdicts.contains("Drawing 10.2.3.4"), "{verdicts}");
}

#[test]
fn the_map_is_its_owners_and_never_in_the_report() {
    let here = tempfile::tempdir().unwrap();
    let evidence = sample("external-removal").join("evidence");
    let evidence = evidence.to_str().unwrap();
    let run = |more: &[&str]| {
        let run = pkgtrail(
            here.path(),
            &[&["report", evidence, "-o", "r"], more].concat(),
        );
        (run.status.code(), text(&run.stderr))
    };
    let (status, told) = run(&["--redact"]);
    assert_eq!(status, Some(0), "{told}");
    assert!(told.contains("`r-redaction-map.json`"), "{told}");
    let map = here.path().join("r-redaction-map.json");
    let first = std::fs::read_to_string(&map).unwrap();
    assert!(first.contains("nbg-pkg01"), "{first}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&map), 0o600);
        assert_eq!(mode(&here.path().join("r/verdicts.json")), 0o644);
    }
    assert!(
        files(&here.path().join("r"))
            .iter()
            .all(|one| !one.ends_with("r-redaction-map.json"))
    );
    // Ours is written over, somebody else's never.
    assert_eq!(run(&["--redact"]).0, Some(0));
    std::fs::write(&map, "mine").unwrap();
    let (status, told) = run(&["--redact"]);
    assert_eq!(status, Some(2), "{told}");
    assert_eq!(std::fs::read_to_string(&map).unwrap(), "mine");
    let (status, told) = run(&["--redact", "--redact-map", "r/map.json"]);
    assert_eq!(
        (status, told.contains("lies in the report folder")),
        (Some(2), true),
        "{told}"
    );
    assert_eq!(
        run(&["--redact", "--redact-map", "other.json", "-q"]),
        (Some(0), String::new())
    );
    assert_eq!(
        std::fs::read_to_string(here.path().join("other.json")).unwrap(),
        first
    );
    assert_eq!(run(&["--redact-map", "other.json"]).0, Some(2));
}
