//! Writes a history down as the files that somebody would collect, in varied formats.

use super::product::{At, Captured, Chance, Entry, History, Package, PackageFile, Paper};
use super::wording::words;
use chrono::{DateTime, NaiveDateTime};

/// How one history is written. Everything here changes the form, nothing the content.
#[derive(Debug, Clone)]
pub struct Form {
    dates: Dates,
    ticks: bool,
    /// The order and the quotes of the attributes, the place of the CDATA.
    record: usize,
    encoding: Encoding,
    layout: usize,
    listing: usize,
    stamps: usize,
    guid: usize,
    /// Where rotated logs begin, in hundredths of the records.
    rotated: Vec<usize>,
    /// So many records stand in both of two neighbours.
    overlap: usize,
    /// A client policy beside the logs, which states how long unused packages are kept.
    policy: bool,
    /// Not raw logs, but copies from the log viewer: with the newest record first, or not.
    copied: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dates {
    /// `Sep 26 15:37:19`
    Syslog,
    /// `2025-09-26T15:37:19.120+02:00`
    Iso,
    /// `09/26/2025 15:37:19`
    Us,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    Utf8Bom,
    Utf16LeBom,
    Utf16BeBom,
    Utf16Le,
    Windows1252,
}

pub const ENCODINGS: [Encoding; 6] = [
    Encoding::Utf8,
    Encoding::Utf8Bom,
    Encoding::Utf16LeBom,
    Encoding::Utf16BeBom,
    Encoding::Utf16Le,
    Encoding::Windows1252,
];

impl Form {
    pub fn draw(chance: &mut Chance) -> Form {
        let rotated = match chance.below(4) {
            0 => vec![20 + chance.below(60)],
            1 => vec![10 + chance.below(40), 55 + chance.below(40)],
            _ => Vec::new(),
        };
        Form {
            dates: *chance.pick(&[Dates::Syslog, Dates::Iso, Dates::Us]),
            ticks: chance.percent(80),
            record: chance.below(4),
            encoding: *chance.pick(&[
                Encoding::Utf8,
                Encoding::Utf8,
                Encoding::Utf8Bom,
                Encoding::Utf16LeBom,
                Encoding::Utf16BeBom,
                Encoding::Windows1252,
            ]),
            layout: chance.below(4),
            listing: chance.below(3),
            stamps: chance.below(3),
            guid: chance.below(3),
            rotated,
            overlap: chance.below(30),
            policy: chance.percent(70),
            copied: None,
        }
    }

    /// Whether the evidence itself says when the product may delete what is unused.
    pub fn states_retention(&self) -> bool {
        self.policy
    }

    /// Whether each record of a log stands on several lines, so that a lost line leaves a trace.
    pub fn has_records_of_several_lines(&self) -> bool {
        self.record != 3 && self.copied.is_none()
    }

    /// The same evidence, its logs copied from the log viewer.
    pub fn copied(&self, chance: &mut Chance) -> Form {
        Form {
            copied: Some(chance.percent(60)),
            ..self.clone()
        }
    }

    pub fn bytes_of_a_letter(&self) -> usize {
        match self.encoding {
            Encoding::Utf16LeBom | Encoding::Utf16BeBom | Encoding::Utf16Le => 2,
            Encoding::Utf8 | Encoding::Utf8Bom | Encoding::Windows1252 => 1,
        }
    }

    pub fn in_encoding(&self, encoding: Encoding) -> Form {
        Form {
            encoding,
            ..self.clone()
        }
    }
}

/// What a file is, so that kinds of evidence can be withheld.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    Log,
    Snapshot,
    Status,
    Listing,
    Setting,
}

/// A collected file.
#[derive(Debug, Clone)]
pub struct Sheet {
    pub path: String,
    pub sort: Sort,
    pub bytes: Vec<u8>,
}

/// All files of a history.
pub fn write(history: &History, form: &Form) -> Vec<Sheet> {
    let mut sheets = Vec::new();
    for (server, name) in history.servers.iter().enumerate() {
        let entries: Vec<&Entry> = history
            .entries
            .iter()
            .filter(|entry| entry.server == server)
            .collect();
        sheets.extend(logs(history, form, name, &entries));
    }
    for captured in &history.papers {
        sheets.push(paper(history, form, captured));
    }
    if form.policy {
        let minutes = history.unused_days * 24 * 60;
        let packages: String = unique_ids(history)
            .map(|id| {
                format!("  <SoftPkg Name=\"x\" Id=\"{{{id}}}\" CleanupAfter=\"{minutes}\"/>\r\n")
            })
            .collect();
        let text = format!("<?xml version=\"1.0\"?>\r\n<Policies>\r\n{packages}</Policies>\r\n");
        sheets.push(Sheet {
            path: "bundle/Client Policies/ns01.xml".into(),
            sort: Sort::Setting,
            bytes: text.into_bytes(),
        });
    }
    sheets
}

fn unique_ids(history: &History) -> impl Iterator<Item = &str> {
    let ids: std::collections::BTreeSet<&str> = history
        .packages
        .iter()
        .map(|package| package.id.as_str())
        .collect();
    ids.into_iter()
}

fn clock(at: At) -> NaiveDateTime {
    DateTime::from_timestamp_millis(at).unwrap().naive_utc()
}

/// A GUID as this server writes it.
fn guid(form: &Form, id: &str) -> String {
    match form.guid {
        0 => format!("{{{}}}", id.to_uppercase()),
        1 => format!("{{{id}}}"),
        _ => id.to_owned(),
    }
}

/// The sentence of a record.
pub fn sentence(history: &History, form: &Form, entry: &Entry) -> String {
    let id = entry
        .package
        .map_or(String::new(), |one| guid(form, &history.packages[one].id));
    words(&entry.say, history.dialect, &id)
}

fn logs(history: &History, form: &Form, server: &str, entries: &[&Entry]) -> Vec<Sheet> {
    let boot = history.begin - 7 * super::product::HOUR;
    if let Some(newest_first) = form.copied {
        let mut records: Vec<String> = entries
            .iter()
            .map(|entry| copied(history, form, boot, entry))
            .collect();
        if newest_first {
            records.reverse();
        }
        let text = format!(
            "Hello,\r\nplease find below what we saw.\r\n\r\n{}",
            records.concat()
        );
        return vec![Sheet {
            path: format!("bundle/{server}/mail.txt"),
            sort: Sort::Log,
            bytes: encode(&text, form.encoding),
        }];
    }
    let records: Vec<String> = entries
        .iter()
        .map(|entry| record(history, form, server, boot, entry))
        .collect();
    let mut borders = vec![0];
    borders.extend(form.rotated.iter().map(|part| records.len() * part / 100));
    borders.push(records.len());
    let last = borders.len() - 2;
    borders
        .windows(2)
        .enumerate()
        .map(|(number, ends)| {
            let from = ends[0].saturating_sub(form.overlap);
            // The newest file has no number.
            let name = match last - number {
                0 => "Agent.log".to_owned(),
                age => format!("Agent{age}.log"),
            };
            Sheet {
                path: format!("bundle/{server}/Logs/{name}"),
                sort: Sort::Log,
                bytes: encode(&records[from..ends[1]].concat(), form.encoding),
            }
        })
        .collect()
}

fn record(history: &History, form: &Form, server: &str, boot: At, entry: &Entry) -> String {
    let time = clock(entry.at);
    let date = match form.dates {
        Dates::Syslog => time.format("%b %d %H:%M:%S").to_string(),
        Dates::Iso => time.format("%Y-%m-%dT%H:%M:%S%.3f+02:00").to_string(),
        Dates::Us => time.format("%m/%d/%Y %H:%M:%S").to_string(),
    };
    let tick = if form.ticks {
        format!(" tickCount='{}'", entry.at - boot)
    } else {
        String::new()
    };
    let text = sentence(history, form, entry);
    let thread = 5_000 + entry.package.unwrap_or(99);
    let attributes = format!(
        "date='{date}' severity='4' hostName='{server}' source='Package Server Agent' \
         module='AeXNSCPackageServer.dll' process='AeXNSAgent.exe' pid='5228' thread='{thread}'{tick}"
    );
    match form.record {
        0 => format!("<event {attributes} >\r\n<![CDATA[{text}]]>\r\n</event>\r\n"),
        1 => format!("<event {attributes} >\n  <![CDATA[{text}]]></event>\n"),
        2 => format!(
            "<event {}>\n<![CDATA[{text}]]>\n</event>\n",
            attributes.replace('\'', "\"")
        ),
        _ => format!("<event {attributes}><![CDATA[{text}]]></event>\r\n"),
    }
}

/// A record as the new log viewer copies it.
fn copied(history: &History, form: &Form, boot: At, entry: &Entry) -> String {
    let time = clock(entry.at);
    let date = match form.dates {
        Dates::Us => time.format("%-m/%-d/%Y %-I:%M:%S %p"),
        _ => time.format("%d.%m.%Y %H:%M:%S"),
    };
    let tick = entry.at - boot;
    let (days, rest) = (tick / super::product::DAY, tick % super::product::DAY);
    let span = format!(
        "{days}.{:02}:{:02}:{:02}.{:03}0000",
        rest / 3_600_000,
        rest / 60_000 % 60,
        rest / 1_000 % 60,
        rest % 1_000
    );
    format!(
        "{}\r\n{}\r\nDate: {date}, Tick Count: {tick} ({span}), Size: 317 B\r\nProcess: AeXNSAgent.exe (5228), Thread ID: {}, Module: AeXNSCPackageServer.dll\r\nPriority: 4, Source: Package Server Agent\r\n\r\n",
        sentence(history, form, entry),
        "-".repeat(101),
        5_000 + entry.package.unwrap_or(99),
    )
}

fn encode(text: &str, encoding: Encoding) -> Vec<u8> {
    let utf16 = |bytes: fn(u16) -> [u8; 2], bom: bool| -> Vec<u8> {
        let mark = bom.then_some(0xFEFF);
        mark.into_iter()
            .chain(text.encode_utf16())
            .flat_map(bytes)
            .collect()
    };
    match encoding {
        Encoding::Utf8 => text.as_bytes().to_vec(),
        Encoding::Utf8Bom => format!("\u{feff}{text}").into_bytes(),
        Encoding::Utf16LeBom => utf16(u16::to_le_bytes, true),
        Encoding::Utf16BeBom => utf16(u16::to_be_bytes, true),
        Encoding::Utf16Le => utf16(u16::to_le_bytes, false),
        // All letters used here are in the first 256 of Unicode.
        Encoding::Windows1252 => text.chars().map(|letter| letter as u32 as u8).collect(),
    }
}

fn stamp(form: &Form, at: At) -> String {
    let layout = ["%Y%m%d-%H%M%S", "%Y-%m-%dT%H-%M-%S", "%Y%m%d_%H%M%S"][form.stamps];
    clock(at).format(layout).to_string()
}

fn paper(history: &History, form: &Form, captured: &Captured) -> Sheet {
    let server = &history.servers[captured.server];
    let stamp = stamp(form, captured.at);
    let (path, sort, text) = match &captured.paper {
        Paper::Snapshot {
            package,
            version,
            source,
            files,
        } => {
            let one = &history.packages[*package];
            let path = format!("bundle/{server}/{stamp}/{{{}}}/snapshot.xml", one.id);
            (
                path,
                Sort::Snapshot,
                snapshot(form.layout, one, *version, source, files),
            )
        }
        Paper::Status {
            package,
            state,
            since,
        } => {
            let one = &history.packages[*package];
            let path = format!(
                "bundle/{server}/{stamp}/PackageStatus/{{{}}}/PackageStatus.xml",
                one.id
            );
            (path, Sort::Status, status(form.layout, one, state, *since))
        }
        Paper::Listing { folder, files } => {
            let path = format!("bundle/{server}/listing-{stamp}.txt");
            (path, Sort::Listing, listing(form.listing, folder, files))
        }
    };
    Sheet {
        path,
        sort,
        bytes: text.into_bytes(),
    }
}

fn snapshot(
    layout: usize,
    package: &Package,
    version: i64,
    source: &str,
    files: &[PackageFile],
) -> String {
    let (id, name) = (&package.id, &package.name);
    let mut text = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n".to_owned();
    let modified = "2023-05-01T08:00:00Z";
    match layout {
        0 => {
            text += &format!(
                "<snapshot id=\"{{{id}}}\" name=\"{name}\" version=\"{version}\" path=\"{source}\">\n"
            );
            for PackageFile { path, size, hash } in files {
                text += &format!(
                    "  <file path=\"{path}\" size=\"{size}\" modified=\"{modified}\" hash=\"{hash}\"/>\n"
                );
            }
            text + "</snapshot>\n"
        }
        1 => {
            text += &format!(
                "<PackageSnapshot>\n <PackageGuid>{id}</PackageGuid>\n <InternalVersion>{version}</InternalVersion>\n <Source>{source}</Source>\n <Files>\n"
            );
            for PackageFile { path, size, hash } in files {
                text += &format!(
                    "  <File>\n   <RelativePath>{path}</RelativePath>\n   <Length>{size}</Length>\n   <LastWriteTime>{modified}</LastWriteTime>\n   <Digest>{hash}</Digest>\n  </File>\n"
                );
            }
            text + " </Files>\n</PackageSnapshot>\n"
        }
        2 => {
            text += &format!(
                "<s:Manifest xmlns:s=\"urn:x\" PackageId=\"{}\" Revision=\"{version}\" Codebase=\"{source}\">\n",
                id.to_uppercase()
            );
            for PackageFile { path, size, hash } in files {
                let file = |name: &str| {
                    format!(
                        "<s:entry Name=\"{name}\" Bytes=\"{size}\" mtime=\"1682928000\" sha256=\"{hash}\" />"
                    )
                };
                text += &match path.split_once('\\') {
                    Some((folder, name)) => {
                        format!(" <s:dir Name=\"{folder}\">{}</s:dir>\n", file(name))
                    }
                    None => format!(" {}\n", file(path)),
                };
            }
            text + "</s:Manifest>\n"
        }
        _ => {
            text += &format!("<package version='{version}' location='{source}'>\n");
            for PackageFile { path, size, hash } in files {
                text += &format!(
                    "<item relativePath='{}' length='{size}' checksum='{hash}'/>\n",
                    path.replace('\\', "/")
                );
            }
            text + "</package>\n"
        }
    }
}

fn status(layout: usize, package: &Package, state: &str, since: At) -> String {
    let time = clock(since).format("%Y-%m-%dT%H:%M:%S");
    let id = &package.id;
    match layout {
        0 | 3 => format!(
            "<PackageStatus><Package Id=\"{{{id}}}\" Status=\"{state}\" Time=\"{time}\"/></PackageStatus>\n"
        ),
        1 => format!(
            "<?xml version=\"1.0\"?>\n<PackageStatus>\n <Status>{state}</Status>\n <Time>{time}</Time>\n</PackageStatus>\n"
        ),
        _ => format!("<pkg id='{id}' state='{state}' lastUpdate='{time}'>\n</pkg>\n"),
    }
}

/// A `dir /s` of one folder, in one of three languages.
fn listing(form: usize, folder: &str, files: &[PackageFile]) -> String {
    let mut folders: std::collections::BTreeMap<String, Vec<(&str, u64)>> = Default::default();
    folders.entry(folder.to_owned()).or_default();
    for file in files {
        let (below, name) = match file.path.rsplit_once('\\') {
            Some((below, name)) => (format!(r"{folder}\{below}"), name),
            None => (folder.to_owned(), file.path.as_str()),
        };
        folders.entry(below).or_default().push((name, file.size));
    }
    let children: Vec<String> = folders
        .keys()
        .filter_map(|path| path.strip_prefix(&format!(r"{folder}\")).map(str::to_owned))
        .collect();
    let grouped = |size: u64, by: char| {
        let digits: Vec<char> = size.to_string().chars().rev().collect();
        let parts: Vec<String> = digits
            .chunks(3)
            .map(|three| three.iter().collect())
            .collect();
        parts
            .join(&by.to_string())
            .chars()
            .rev()
            .collect::<String>()
    };
    let mut text = [
        " Volume in drive D is Data\r\n Volume Serial Number is 1234-ABCD\r\n\r\n",
        " Volume in Laufwerk D: ist Daten\r\n Volumeseriennummer: 1234-ABCD\r\n\r\n",
        " Le volume dans le lecteur D s'appelle Data\r\n Le numéro de série du volume est 1234-ABCD\r\n\r\n",
    ][form]
        .to_owned();
    let (mut count, mut total) = (0, 0);
    for (path, files) in &folders {
        let sum: u64 = files.iter().map(|(_, size)| size).sum();
        (count, total) = (count + files.len(), total + sum);
        text += &match form {
            0 => format!(" Directory of {path}\r\n\r\n"),
            1 => format!(" Verzeichnis von {path}\r\n\r\n"),
            _ => format!(" Répertoire de {path}\r\n\r\n"),
        };
        let own = [".", ".."].into_iter().map(str::to_owned);
        let below = if path == folder {
            children.clone()
        } else {
            Vec::new()
        };
        for name in own.chain(below) {
            text += &match form {
                0 => format!("05/01/2023  10:00 AM    <DIR>          {name}\r\n"),
                1 => format!("01.05.2023  10:00    <DIR>          {name}\r\n"),
                _ => format!("01/05/2023  10:00    <DIR>          {name}\r\n"),
            };
        }
        for (name, size) in files {
            text += &match form {
                0 => format!(
                    "05/01/2023  10:00 AM    {:>14} {name}\r\n",
                    grouped(*size, ',')
                ),
                1 => format!(
                    "01.05.2023  10:00    {:>14} {name}\r\n",
                    grouped(*size, '.')
                ),
                _ => format!(
                    "01/05/2023  10:00    {:>14} {name}\r\n",
                    grouped(*size, '\u{a0}')
                ),
            };
        }
        text += &match form {
            0 => format!(
                "{:>16} File(s) {:>14} bytes\r\n\r\n",
                files.len(),
                grouped(sum, ',')
            ),
            1 => format!(
                "{:>16} Datei(en), {:>14} Bytes\r\n\r\n",
                files.len(),
                grouped(sum, '.')
            ),
            _ => format!(
                "{:>16} fichier(s) {:>14} octets\r\n\r\n",
                files.len(),
                grouped(sum, '\u{a0}')
            ),
        };
    }
    let free = "100000000";
    text += &match form {
        0 => format!(
            "     Total Files Listed:\r\n{count:>16} File(s) {:>14} bytes\r\n{:>16} Dir(s)  {free} bytes free\r\n",
            grouped(total, ','),
            2
        ),
        1 => format!(
            "     Anzahl der angezeigten Dateien:\r\n{count:>16} Datei(en), {:>14} Bytes\r\n{:>16} Verzeichnis(se), {free} Bytes frei\r\n",
            grouped(total, '.'),
            2
        ),
        _ => format!(
            "     Total des fichiers listés :\r\n{count:>16} fichier(s) {:>14} octets\r\n{:>16} Rép(s)  {free} octets libres\r\n",
            grouped(total, '\u{a0}'),
            2
        ),
    };
    text
}
