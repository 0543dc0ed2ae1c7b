//! What pictures are held against in tests.

use super::drawing::{Area, Drawing, Text};

/// Texts that overlap or leave the picture, for tests: each in words.
pub fn badly_placed(drawing: &Drawing) -> Vec<String> {
    let texts: Vec<(Area, &Text)> = drawing.texts().map(|one| (one.area(), one)).collect();
    let mut bad = vec![];
    for (number, (one, text)) in texts.iter().enumerate() {
        let inside = one.left >= 0
            && one.top >= 0
            && one.right <= drawing.width
            && one.bottom <= drawing.height;
        if !inside {
            bad.push(format!("{:?} leaves the picture: {one:?}", text.text));
        }
        for (other, other_text) in &texts[number + 1..] {
            let apart = one.right <= other.left
                || other.right <= one.left
                || one.bottom <= other.top
                || other.bottom <= one.top;
            if !apart {
                bad.push(format!("{:?} covers {:?}", text.text, other_text.text));
            }
        }
    }
    bad
}

/// Reads it as XML and holds it against what a page with a strict policy can show.
pub fn check_svg(svg: &str) {
    use quick_xml::events::Event;
    let mut reader = quick_xml::Reader::from_str(svg);
    let mut open = vec![];
    loop {
        let event = reader.read_event().unwrap();
        if let Event::Start(tag) | Event::Empty(tag) = &event {
            let name = tag.name().as_ref().to_owned();
            assert!(
                ["svg", "title", "path", "circle", "text"].contains(&name.as_str()),
                "{name}"
            );
            for attribute in tag.attributes() {
                let attribute = attribute.unwrap();
                let key = attribute.key.as_ref().to_owned();
                let forbidden = ["style", "class", "id", "href"].contains(&key.as_str())
                    || key.starts_with("on");
                assert!(!forbidden, "{key}");
            }
            if matches!(event, Event::Start(_)) {
                open.push(name);
            }
        } else if let Event::End(tag) = &event {
            let name = tag.name().as_ref().to_owned();
            assert_eq!(open.pop(), Some(name));
        } else if matches!(event, Event::Eof) {
            break;
        }
    }
    assert!(open.is_empty());
    assert!(svg.starts_with("<svg ") && svg.contains(" viewBox=") && svg.contains(" role=\"img\""));
    assert!(svg.contains("<title>") && !svg.contains("url(") && !svg.contains("<title></title>"));
}
