//! Listings in several languages of Windows, whole and cut.

use super::*;
use crate::ingest::encoding::{self, CP850, CP852};

const ENGLISH: &str = " Volume in drive D is Data\r
 Volume Serial Number is 4A1C-77F0\r
\r
 Directory of D:\\PkgShare\r
\r
05/09/2025  06:03 AM    <DIR>          .\r
05/09/2025  06:03 AM    <DIR>          ..\r
05/09/2025  06:03 AM    <DIR>          Vpn 4.1\r
05/09/2025  06:03 AM    <JUNCTION>     Old [E:\\Old]\r
05/09/2025  06:03 AM    <SYMLINKD>     Link [E:\\Link]\r
               0 File(s)              0 bytes\r
\r
 Directory of D:\\PkgShare\\Vpn 4.1\r
\r
05/09/2025  06:03 AM    <DIR>          .\r
05/09/2025  06:03 AM    <DIR>          ..\r
06/30/2024  11:58 PM        33,925,055 7 zip 100 a.msi\r
06/18/2024  03:54 AM                 0 read me.txt\r
               2 File(s)     33,925,055 bytes\r
\r
     Total Files Listed:\r
               2 File(s)     33,925,055 bytes\r
               8 Dir(s)  118,034,562,048 bytes free\r
";

fn shape(listing: &Listing) -> Vec<String> {
    listing
        .folders
        .iter()
        .map(|folder| {
            let files: Vec<String> = folder
                .files
                .iter()
                .map(|file| {
                    let modified = file
                        .modified
                        .map_or("?".to_owned(), |stamp| stamp.local.to_string());
                    format!("{}:{}={:?}@{modified}", file.line, file.name, file.size)
                })
                .collect();
            format!(
                "{}:{} {files:?} {:?} {:?} {}",
                folder.line, folder.path, folder.folders, folder.links, folder.complete
            )
        })
        .collect()
}

#[test]
fn english_folders_files_and_links() {
    assert!(recognise(ENGLISH));
    let (listing, defects) = parse(ENGLISH, None);
    let listing = listing.unwrap();
    assert_eq!(defects, []);
    assert!(listing.counted && listing.complete && listing.taken.is_none());
    assert_eq!(
        shape(&listing),
        [
            r#"4:D:\PkgShare [] ["Vpn 4.1"] ["Old", "Link"] true"#,
            r#"13:D:\PkgShare\Vpn 4.1 ["17:7 zip 100 a.msi=Some(33925055)@2024-06-30 23:58:00", "18:read me.txt=Some(0)@2024-06-18 03:54:00"] [] [] true"#,
        ]
    );
    assert_eq!(listing.folders[1].text, r"Directory of D:\PkgShare\Vpn 4.1");
}

/// One folder with two files, in the words and numbers of other languages.
#[test]
fn other_languages_have_the_same_layout() {
    let cases = [
        (
            " Verzeichnis von D:\\P",
            "16.08.2025  02:27    <DIR>          .\n",
            "16.08.2025  02:27",
            "1.234.567",
            "2 Datei(en),      1.234.568 Bytes",
            "5 Verzeichnis(se), 118.034 Bytes frei",
        ),
        (
            " Répertoire de D:\\P",
            "16/08/2025  02:27    <REP>          .\n",
            "16/08/2025  02:27",
            "1 234 567",
            "2 fichier(s)        1 234 568 octets",
            "5 Rép(s)  118 034 octets libres",
        ),
        (
            " Répertoire de D:\\P",
            "",
            "16/08/2025  02:27",
            "1\u{202F}234\u{202F}567",
            "2 fichier(s)  1\u{202F}234\u{202F}568 octets",
            "5 Rép(s)  118\u{202F}034 octets libres",
        ),
        (
            " Directorio de D:\\P",
            "",
            "16/08/2025  02:27 a. m.",
            "1.234.567",
            "2 archivos      1.234.568 bytes",
            "5 dirs  118.034 bytes libres",
        ),
        (
            " Pasta de D:\\P",
            "",
            "16/08/2025  02:27",
            "1ÿ234ÿ567",
            "2 arquivo(s)      1.234.568 bytes",
            "5 pasta(s)   118.034 bytes disponíveis",
        ),
        (
            " Directory di D:\\P",
            "",
            "16/08/2025  02:27",
            "1 234 567",
            "2 File      1.234.568 byte",
            "5 Directory   118.034 byte disponibili",
        ),
        (
            " Katalog: D:\\P",
            "",
            "2025-08-16  02:27",
            "1 234 567",
            "2 plik(ów)   1 234 568 bajtów",
            "5 katalog(ów)   118 034 bajtów wolnych",
        ),
        (
            " D:\\P のディレクトリ",
            "",
            "2025/08/16  02:27",
            "1,234,567",
            "2 個のファイル   1,234,568 バイト",
            "5 個のディレクトリ  118,034 バイトの空き領域",
        ),
    ];
    for (folder, dots, time, size, files, total) in cases {
        let own = ["..", "."].map(|name| format!("{time}    <DIR>          {name}\n"));
        let dots = if dots.is_empty() {
            own.concat()
        } else {
            dots.to_owned()
        };
        let text = format!(
            "{folder}\n\n{dots}{time} {size:>17} a b.msi\n{time} {:>17} readme.txt\n   {files}\n   {total}\n",
            1
        );
        assert!(recognise(&text), "{text}");
        let (listing, defects) = parse(&text, None);
        let listing = listing.unwrap();
        assert_eq!(defects, [], "{text}");
        assert!(listing.complete && listing.folders[0].complete, "{text}");
        assert_eq!(listing.folders[0].path, "D:\\P");
        let found: Vec<_> = listing.folders[0]
            .files
            .iter()
            .map(|file| {
                (
                    file.name.as_str(),
                    file.size,
                    file.modified.unwrap().local.to_string(),
                )
            })
            .collect();
        let at = "2025-08-16 02:27:00".to_owned();
        assert_eq!(
            found,
            [
                ("a b.msi", Some(1_234_567), at.clone()),
                ("readme.txt", Some(1), at)
            ],
            "{text}"
        );
    }
}

#[test]
fn names_that_begin_with_digits_are_told_apart_by_their_column() {
    let text = " Répertoire de \\\\PS01\\SWD\n\n16/01/2023  02:43    <DIR>          .\n08/01/2022  10:21         3 686 249 249 100.cab\n   1 fichier(s)  3 686 249 octets\n   5 Rép(s)  118 034 octets libres\n";
    let listing = parse(text, None).0.unwrap();
    let file = &listing.folders[0].files[0];
    assert_eq!(
        (file.name.as_str(), file.size),
        ("249 100.cab", Some(3_686_249))
    );
    assert_eq!(listing.folders[0].path, r"\\PS01\SWD");
}

#[test]
fn bytes_of_windows_1252_are_read_too() {
    let bytes = b" R\xE9pertoire de D:\\P\\Fran\xE7ais\r\n\r\n01/04/2022  03:40            52 976 \xDCbersetzung.dll\r\n               1 fichier(s)            52 976 octets\r\n              41 R\xE9p(s)  118 034 octets libres\r\n";
    let listing = parse(&encoding::decode(bytes), None).0.unwrap();
    assert_eq!(listing.folders[0].path, "D:\\P\\Français");
    assert_eq!(listing.folders[0].files[0].name, "Übersetzung.dll");
    assert!(listing.complete);
}

#[test]
fn a_day_over_twelve_decides_for_the_file() {
    let text = " Directory of D:\\P\n\n02/03/2025  02:27   1 a\n13/03/2025  02:27   1 b\n 2 File(s) 2 bytes\n 1 Dir(s) 5 bytes free\n";
    let time = |text: &str| {
        parse(text, None).0.unwrap().folders[0].files[0]
            .modified
            .unwrap()
            .local
            .to_string()
    };
    assert_eq!(time(text), "2025-03-02 02:27:00");
    assert_eq!(time(&text.replace("13/03", "03/13")), "2025-02-03 02:27:00");
}

#[test]
fn a_count_that_does_not_agree_proves_nothing() {
    let (listing, defects) = parse(&ENGLISH.replacen("2 File(s)", "3 File(s)", 1), None);
    let listing = listing.unwrap();
    assert_eq!(
        (listing.folders[0].complete, listing.folders[1].complete),
        (true, false)
    );
    assert!(defects.len() == 1 && defects[0].lost && defects[0].line == Some(19));
    let (listing, defects) = parse(
        &ENGLISH.replacen("               0 File(s)              0 bytes\r\n", "", 1),
        None,
    );
    assert!(!listing.unwrap().folders[0].complete);
    assert!(defects[0].lost);
}

#[test]
fn every_cut_is_incomplete() {
    let end = ENGLISH.trim_end().len();
    for cut in 0..ENGLISH.len() {
        let (listing, defects) = parse(&ENGLISH[..cut], None);
        if cut < end {
            assert!(
                listing.as_ref().is_none_or(|listing| !listing.complete),
                "{cut}"
            );
            assert!(
                listing.is_none() || defects.iter().any(|defect| defect.lost),
                "{cut}"
            );
            // What is complete is right.
            for folder in listing.into_iter().flat_map(|listing| listing.folders) {
                let files = if folder.path.ends_with("4.1") { 2 } else { 0 };
                assert!(!folder.complete || folder.files.len() == files, "{cut}");
            }
        } else {
            assert!(listing.unwrap().complete, "{cut}");
        }
    }
}

#[test]
fn a_time_above_the_listing_is_when_it_was_taken() {
    let stated = format!("Date: 2026-11-03 02:40:05\r\n{ENGLISH}");
    let taken = parse(&stated, None).0.unwrap().taken.unwrap();
    assert_eq!(taken.local.to_string(), "2026-11-03 02:40:05");
}

#[test]
fn tables_of_powershell() {
    let text = "#TYPE Selected.System.IO.FileInfo\r\n\"LastWriteTime\",\"FullName\",\"Length\"\r\n\"17.12.2021 04:28:58\",\"D:\\P\\bin\\a, b.exe\",\"30234621\"\r\n\"1.2.2021 04:28:58\",\"D:\\P\\bin\",\"\"\r\n\"1.2.2021 04:28:58\",\"D:\\P\\bin\\c.txt\",\"5\"\r\n";
    for (text, separator) in [
        (text.to_owned(), ','),
        (text.replace("\",\"", "\";\""), ';'),
        (text.replace("\",\"", "\t").replace('"', ""), '\t'),
    ] {
        assert!(recognise(&text), "{separator}");
        let (listing, defects) = parse(&text, None);
        let listing = listing.unwrap();
        assert_eq!(defects, []);
        assert!(!listing.counted && listing.complete);
        assert_eq!(
            shape(&listing),
            [
                r#"3:D:\P\bin ["3:a, b.exe=Some(30234621)@2021-12-17 04:28:58", "5:c.txt=Some(5)@2021-02-01 04:28:58"] [] [] false"#,
                r#"4:D:\P [] ["bin"] [] false"#,
            ]
        );
        let (listing, defects) = parse(&text[..text.len() - 5], None);
        assert!(!listing.unwrap().complete || !defects.is_empty());
    }
}

#[test]
fn plain_lists_of_paths() {
    let text = "D:\\P\r\nD:\\P\\a.txt\r\n\\\\srv\\s\\b.txt\r\nD:\\P\\bin\\\r\nD:\\c.txt\r\n";
    assert!(recognise(text));
    let listing = parse(text, None).0.unwrap();
    assert!(!listing.counted && listing.complete);
    assert_eq!(
        shape(&listing),
        [
            r#"1:D:\ ["5:c.txt=None@?"] ["P"] [] false"#,
            r#"1:D:\P ["2:a.txt=None@?"] ["bin"] [] false"#,
            r#"3:\\srv\s ["3:b.txt=None@?"] [] [] false"#,
            r#"4:D:\P\bin [] [] [] false"#,
        ]
    );
    assert!(!recognise("D:\\a\r\nD:\\b\r\n"));
    assert!(!recognise("D:\\a\r\nD:\\b\r\nD:\\c\r\nx\r\n"));
    assert!(!parse(text.trim_end(), None).0.unwrap().complete);
}

#[test]
fn other_texts_are_left_alone() {
    for text in [
        "<event date='Sep 26 15:37:19'>\n<![CDATA[ physical path: D:\\P\n05/29/2025  06:03 AM  1 a]]></event>",
        "Date,GUID,State,Message\n2022-04-09,x,Deleted,D:\\P\n",
        "path,captured_at\na,2022-04-08T02:19:00+02:00\n",
        "Level,Date and Time,Source\nInformation,1/10/2023 1:31:26 PM,x\n",
        "The files lie in D:\\P and\n  in D:\\Q\n",
        "",
        "\n\n",
    ] {
        assert!(!recognise(text), "{text}");
    }
}

/// What one language of Windows writes around the names.
struct Language {
    /// Above everything: the volume and its serial number.
    volume: &'static str,
    /// With `@` for the path.
    folder: &'static str,
    /// The same moment in the formats of its regions, and the text behind it.
    times: &'static [&'static str],
    /// Between thousands.
    separators: &'static [&'static str],
    files: &'static str,
    total: &'static str,
    /// With `#` for the bytes.
    end: &'static str,
    /// `None` is Shift JIS.
    console: Option<&'static str>,
}

const LANGUAGES: &[Language] = &[
    Language {
        volume: " Datenträger in Laufwerk D: ist Daten\n Volumeseriennummer: 2011-1103\n",
        folder: " Verzeichnis von @",
        times: &["28.09.2025  18:03"],
        separators: &["."],
        files: "Datei(en),     # Bytes",
        total: "     Anzahl der angezeigten Dateien:",
        end: "5 Verzeichnis(se), # Bytes frei",
        console: Some(CP850),
    },
    Language {
        volume: " Le volume dans le lecteur D s'appelle Données\n Le numéro de série du volume est 4A1C-77F0\n",
        folder: " Répertoire de @",
        times: &["28/09/2025  18:03"],
        separators: &["\u{A0}", "\u{202F}", " ", "?"],
        files: "fichier(s)       # octets",
        total: "     Total des fichiers listés :",
        end: "5 Rép(s)  # octets libres",
        console: Some(CP850),
    },
    Language {
        volume: " El volumen de la unidad D es Datos\n El número de serie del volumen es: 4A1C-77F0\n",
        folder: " Directorio de @",
        times: &[
            "28/09/2025  18:03",
            "28/09/2025  06:03 p. m.",
            "28/09/2025  06:03 p.\u{A0}m.",
        ],
        separators: &[".", ","],
        files: "archivos     # bytes",
        total: "     Total de archivos en la lista:",
        end: "5 dirs  # bytes libres",
        console: Some(CP850),
    },
    Language {
        volume: " O volume na unidade D é Dados\n O Número de Série do Volume é 4A1C-77F0\n",
        folder: " Pasta de @",
        times: &["28/09/2025  18:03"],
        separators: &[".", "\u{A0}"],
        files: "arquivo(s)     # bytes",
        total: "     Total de Arquivos na Lista:",
        end: "5 pasta(s)   # bytes disponíveis",
        console: Some(CP850),
    },
    Language {
        volume: " O volume na unidade D é Dados\n O Número de Série do Volume é 4A1C-77F0\n",
        folder: " Diretório de @",
        times: &["28-09-2025  18:03", "28/09/2025  18:03"],
        separators: &["."],
        files: "ficheiro(s)     # bytes",
        total: "     Total de ficheiros listados:",
        end: "5 Dir(s)   # bytes livres",
        console: Some(CP850),
    },
    Language {
        volume: " Il volume nell'unità D è Dati\n Numero di serie del volume: 4A1C-77F0\n",
        folder: " Directory di @",
        times: &["28/09/2025  18:03"],
        separators: &["."],
        files: "File     # byte",
        total: "     Totale file elencati:",
        end: "5 Directory  # byte disponibili",
        console: Some(CP850),
    },
    Language {
        volume: " Wolumin w stacji D to Dane\n Numer seryjny woluminu: 4A1C-77F0\n",
        folder: " Katalog: @",
        times: &["2025-09-28  18:03", "28.09.2025  18:03"],
        separators: &["\u{A0}", " "],
        files: "plik(ów)     # bajtów",
        total: "     Całkowita liczba wyświetlonych plików:",
        end: "5 katalog(ów)  # bajtów wolnych",
        console: Some(CP852),
    },
    Language {
        volume: " Wolumin w stacji D to Dane\n Numer seryjny woluminu: 4A1C-77F0\n",
        folder: " Zawartość katalogu @",
        times: &["2025-09-28  18:03"],
        separators: &["\u{A0}"],
        files: "plik(ów)     # bajtów",
        total: "     Razem wyświetlonych plików:",
        end: "5 katalog(ów)  # bajtów wolnych",
        console: Some(CP852),
    },
    Language {
        volume: " ドライブ D のボリューム ラベルは データ です\n ボリューム シリアル番号は 4A1C-77F0 です\n",
        folder: " @ のディレクトリ",
        times: &["2025/09/28  18:03"],
        separators: &[","],
        files: "個のファイル          # バイト",
        total: "     ファイルの総数:",
        end: "5 個のディレクトリ  # バイトの空き領域",
        console: None,
    },
];

/// A folder with a junction, and below it one with files whose names begin with digits and have
/// letters of the language.
fn listed(language: &Language, time: &str, separator: &str, name: &str) -> String {
    let number = |text: &str| text.replace('.', separator);
    let count = |files: u32, bytes: &str| {
        let words = language.files.replace('#', &number(bytes));
        format!("{files:>16} {words}\n")
    };
    let entry = |middle: &str, name: &str| format!("{time}{middle}{name}\n");
    let marked = |marker: &str, name: &str| entry(&format!("    {marker:<15}"), name);
    let sized = |bytes: &str, name: &str| entry(&format!(" {:>17} ", number(bytes)), name);
    let folder = |path: &str| format!("\n{}\n\n", language.folder.replace('@', path));
    [
        language.volume.to_owned(),
        folder("D:\\Share"),
        marked("<DIR>", "."),
        marked("<DIR>", ".."),
        marked("<DIR>", name),
        marked("<JUNCTION>", "Old [E:\\Old]"),
        count(0, "0"),
        folder(&format!("D:\\Share\\{name}")),
        marked("<DIR>", "."),
        marked("<DIR>", ".."),
        sized("1.234.567", "249 100.cab"),
        sized("5", &format!("{name}.msi")),
        count(2, "1.234.572"),
        format!("\n{}\n", language.total),
        count(2, "1.234.572"),
        format!(
            "{:>16} {}\n",
            "",
            language.end.replace('#', &number("118.034.562.048"))
        )
        .replacen("                 ", "               ", 1),
    ]
    .concat()
    .replace('\n', "\r\n")
}

/// The bytes that a console of the language writes into a file.
fn of_console(text: &str, page: Option<&str>) -> Vec<u8> {
    let Some(page) = page else {
        return encoding_rs::SHIFT_JIS.encode(text).0.into_owned();
    };
    text.chars()
        .map(|letter| match page.chars().position(|one| one == letter) {
            Some(at) => u8::try_from(0x80 + at).unwrap(),
            None => u8::try_from(letter).unwrap_or(b'?'),
        })
        .collect()
}

#[test]
fn whole_listings_of_each_language_are_read_in_each_encoding() {
    for language in LANGUAGES {
        let name = match language.console {
            Some(CP850) => "Größe é",
            Some(_) => "Źródło ł",
            None => "表ソ",
        };
        for (time, separator) in language
            .times
            .iter()
            .flat_map(|time| language.separators.iter().map(move |one| (time, one)))
        {
            let text = listed(language, time, separator, name);
            let console = of_console(&text, language.console);
            let wide: Vec<u8> = "\u{FEFF}"
                .encode_utf16()
                .chain(text.encode_utf16())
                .flat_map(u16::to_le_bytes)
                .collect();
            for bytes in [text.as_bytes(), &console, &wide] {
                let decoded = encoding::decode(bytes);
                assert!(recognise(&decoded), "{decoded}");
                let (listing, defects) = parse(&decoded, None);
                let listing = listing.unwrap();
                assert_eq!(defects, [], "{decoded}");
                assert!(listing.counted && listing.complete, "{decoded}");
                assert_eq!(listing.taken, None, "{decoded}");
                let at = "2025-09-28 18:03:00";
                assert_eq!(
                    shape(&listing),
                    [
                        format!(r#"4:D:\Share [] ["{name}"] ["Old"] true"#),
                        format!(
                            r#"12:D:\Share\{name} ["16:249 100.cab=Some(1234567)@{at}", "17:{name}.msi=Some(5)@{at}"] [] [] true"#
                        ),
                    ],
                    "{decoded}"
                );
                assert_eq!(listing.folders[0].targets, ["E:\\Old"]);
            }
            // A cut anywhere before the last count proves no absence.
            let last = text.trim_end().rfind("\r\n").unwrap();
            for cut in (0..last).filter(|cut| text.is_char_boundary(*cut)) {
                let (listing, _) = parse(&text[..cut], None);
                assert!(listing.is_none_or(|listing| !listing.complete), "{cut}");
            }
        }
    }
}

#[test]
fn days_that_could_be_months_follow_the_option() {
    let language = &LANGUAGES[1];
    let text = listed(language, "08/09/2025  18:03", " ", "x");
    let month = |order| {
        let (listing, defects) = parse(&text, order);
        let stamp = listing.unwrap().folders[1].files[0].modified.unwrap();
        (stamp.local.naive().date().to_string(), defects.len())
    };
    assert_eq!(month(Some(DateOrder::Dmy)), ("2025-09-08".into(), 0));
    assert_eq!(month(Some(DateOrder::Mdy)), ("2025-08-09".into(), 0));
    assert_eq!(month(None).1, 1);
}

/// A marker that is not known is no proof that something is gone.
#[test]
fn words_for_folders_and_links_of_other_languages() {
    for (marker, is_folder) in [
        ("<DIR>", true),
        ("<REP>", true),
        ("<VERBINDUNG>", false),
        ("<JONCTION>", false),
        ("<VERZEICHNIS>", false),
    ] {
        let text = format!(
            " Verzeichnis von D:\\P\n\n28.09.2025  18:03    <DIR>          .\n28.09.2025  18:03    <DIR>          ..\n28.09.2025  18:03    {marker:<15}a b\n               0 Datei(en),              0 Bytes\n               1 Verzeichnis(se), 118.034 Bytes frei\n"
        );
        let listing = parse(&text, None).0.unwrap();
        let folder = &listing.folders[0];
        let named = if is_folder {
            &folder.folders
        } else {
            &folder.links
        };
        assert_eq!(named, &["a b"], "{marker}");
        assert!(folder.complete);
    }
}

/// `dir /s *.exe` hides the other files, and with them `.` and `..`.
#[test]
fn a_filtered_listing_proves_no_absence() {
    let text = |folder: &str, dots: &str| {
        format!(
            " Directory of {folder}\n\n{dots}09/28/2025  06:03 PM             1,234 a.exe\n               1 File(s)          1,234 bytes\n               0 Dir(s)  118,034 bytes free\n"
        )
    };
    let dots =
        "09/28/2025  06:03 PM    <DIR>          .\n09/28/2025  06:03 PM    <DIR>          ..\n";
    let parsed = |folder: &str, dots: &str| {
        let (listing, defects) = parse(&text(folder, dots), None);
        (listing.unwrap().folders[0].complete, defects.len())
    };
    assert_eq!(parsed("D:\\P", ""), (false, 1));
    assert_eq!(parsed("D:\\P", dots), (true, 0));
    for root in ["D:\\", r"\\PS01\Share"] {
        assert_eq!(parsed(root, ""), (true, 0));
    }
}

#[test]
fn what_is_wrong_a_thousand_times_is_told_two_hundred_times_and_counted() {
    let rows =
        "\"FullName\",\"Length\"\n\"D:\\a\\b.cab\",\"1\"\n".to_owned() + &"x,y\n".repeat(1_000);
    let folders = " Directory of D:\\a\n\n".repeat(1_001)
        + "11/23/2026  02:40 AM    <DIR>          .\n               0 File(s)              0 bytes\n";
    for text in [rows, folders] {
        assert!(recognise(&text));
        let (listing, defects) = parse(&text, None);
        assert!(!listing.unwrap().complete);
        assert_eq!(defects.len(), 201);
        let last = &defects[200];
        assert!(
            last.lost && last.what == "800 more defects like these",
            "{last:?}"
        );
    }
}
