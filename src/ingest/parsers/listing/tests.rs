//! Listings in several languages of Windows, whole and cut.

use super::*;
use crate::ingest::encoding;

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
