//! Log records as written, of which most share nearly all.
//!
//! A part of the agent writes the same start tag again and again, but for time, thread and tick count,
//! and the same texts: what is the same is held once.

use super::ByPlace;
use smallvec::SmallVec;
use std::borrow::Cow;
use std::fmt::{self, Display};
use std::sync::Arc;

/// What stands before the time of a start tag, its thread and its tick count.
pub const DATE: &str = "<event date='";
pub const THREAD: &str = " thread='";
pub const TICK: &str = "' tickCount='";

/// Digits of a number that any program reads as it is written, JavaScript among them.
const MOST_DIGITS: usize = 15;

/// The start tag of a log record as written, with all attributes. Equal texts give equal tags.
///
/// ```
/// use pkgtrail::model::StartTag;
/// let text = "<event date='Sep 26 15:37:19' severity='4' thread='7' tickCount='91' >";
/// assert_eq!(StartTag::of(text).to_string(), text);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StartTag {
    /// Of a form that is known.
    Alike(Alike),
    /// Any other.
    Other(Box<str>),
}

/// A start tag by what it shares with others, and what is its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alike {
    pub form: Arc<TagForm>,
    /// Seldom longer, and then elsewhere: `09/26/2025 15:37:19.1234567 +02:00`.
    date: SmallVec<[u8; 36]>,
    pub thread: u64,
    pub tick: u64,
}

/// What start tags share that differ in time, thread and tick count alone.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TagForm {
    /// From the quote behind the time to the one before the thread.
    middle: Box<str>,
    /// Behind the tick count.
    end: &'static str,
}

impl TagForm {
    /// What stands before the time, between it and the thread, between that and the tick count, and
    /// behind it.
    pub fn parts(&self) -> [&str; 4] {
        [DATE, &self.middle, TICK, self.end]
    }

    /// The tag of this form with a time, a thread and a tick count that are written in `text`, if the
    /// time is ASCII and the others are written without needless zeros. `text` is such a tag, but for
    /// how it ends.
    pub fn tag(self: &Arc<Self>, text: &[u8], date: &[u8], own: (u64, u64)) -> Option<StartTag> {
        let alike = Alike {
            form: Arc::clone(self),
            date: date.into(),
            thread: own.0,
            tick: own.1,
        };
        let is_same = alike.length() == text.len()
            && text.ends_with(self.end.as_bytes())
            && date.is_ascii()
            && digits(alike.thread).max(digits(alike.tick)) <= MOST_DIGITS;
        let tag = is_same.then_some(StartTag::Alike(alike));
        debug_assert!(
            tag.as_ref()
                .is_none_or(|tag| tag.to_string().as_bytes() == text)
        );
        tag
    }
}

impl Alike {
    /// The time as written.
    pub fn date(&self) -> &str {
        // It was made of text.
        std::str::from_utf8(&self.date).unwrap_or_default()
    }

    /// Bytes of the tag as written.
    pub fn length(&self) -> usize {
        let shared: usize = self.form.parts().iter().map(|part| part.len()).sum();
        shared + self.date.len() + digits(self.thread) + digits(self.tick)
    }
}

fn digits(number: u64) -> usize {
    number
        .checked_ilog10()
        .map_or(1, |power| power as usize + 1)
}

impl StartTag {
    /// The tag that is written so.
    pub fn of(text: &str) -> StartTag {
        alike(text).map_or_else(|| StartTag::Other(text.into()), StartTag::Alike)
    }
}

/// A tag by its parts, if it has them.
fn alike(text: &str) -> Option<Alike> {
    let (date, rest) = text.strip_prefix(DATE)?.split_once('\'')?;
    let (rest, end) = ["' >", "'>"]
        .into_iter()
        .find_map(|end| Some((rest.strip_suffix(end)?, end)))?;
    let (rest, tick) = rest.rsplit_once(TICK)?;
    let (middle, thread) = rest.rsplit_once(THREAD)?;
    // As it is written: without a sign, and without zeros before it.
    let number = |text: &str| {
        let number = text.parse().ok()?;
        (digits(number) == text.len() && text.len() <= MOST_DIGITS).then_some(number)
    };
    let form = TagForm {
        middle: ["'", middle, THREAD].concat().into(),
        end,
    };
    Some(Alike {
        form: form.into(),
        date: date.as_bytes().into(),
        thread: number(thread)?,
        tick: number(tick)?,
    })
}

impl Display for StartTag {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StartTag::Alike(tag) => {
                let [before, middle, between, end] = tag.form.parts();
                let Alike { thread, tick, .. } = tag;
                let date = tag.date();
                write!(out, "{before}{date}{middle}{thread}{between}{tick}{end}")
            }
            StartTag::Other(text) => out.write_str(text),
        }
    }
}

/// A log record as written: its start tag, then its text.
#[derive(Debug, Clone)]
pub struct Raw {
    /// None where all of it is `text`.
    pub tag: Option<Arc<StartTag>>,
    pub text: Arc<str>,
}

impl Raw {
    /// A record that shares nothing.
    pub fn whole(text: &str) -> Raw {
        Raw {
            tag: None,
            text: text.into(),
        }
    }

    /// All of it.
    pub fn written(&self) -> Cow<'_, str> {
        match &self.tag {
            Some(tag) => Cow::Owned(format!("{tag}\n{}", self.text)),
            None => Cow::Borrowed(&self.text),
        }
    }

    /// Whether `is_fine` holds for all that the record is made of. If it may not depend on what stands
    /// across the end of a line or a quote, then it holds for the whole record. What holds digits and
    /// the signs of a time alone is fine without being asked, but for `//`. `answers` are those of one
    /// `is_fine`.
    pub fn is_made_of(&self, is_fine: impl Fn(&str) -> bool, answers: &mut Answers) -> bool {
        let Answers { forms, texts, date } = answers;
        let tag = match self.tag.as_deref() {
            None => return is_fine(&self.text),
            Some(StartTag::Other(tag)) => is_fine(tag),
            Some(StartTag::Alike(tag)) => {
                let (_, form) = forms.of(&tag.form, || {
                    let [before, middle, between, end] = tag.form.parts();
                    let form = [before, middle, "0", between, "0", end].concat();
                    (Arc::clone(&tag.form), is_fine(&form))
                });
                *form
                    && (is_time(&tag.date) || {
                        date.clear();
                        date.extend(["'", tag.date(), "'"]);
                        is_fine(date)
                    })
            }
        };
        tag && texts
            .of(&self.text, || (Arc::clone(&self.text), is_fine(&self.text)))
            .1
    }
}

/// Whether these are digits and the signs of a time alone, as nearly always: `+`, `-`, `.`, `/`, `:`.
pub fn is_time(text: &[u8]) -> bool {
    let of_time = |byte: &u8| matches!(byte, b'-'..=b':' | b' ' | b'+');
    text.iter().all(of_time) && !text.windows(2).any(|two| two == b"//")
}

/// What [`Raw::is_made_of`] was answered about what records share, which it asks once.
#[derive(Debug, Default)]
pub struct Answers {
    forms: ByPlace<(Arc<TagForm>, bool)>,
    texts: ByPlace<(Arc<str>, bool)>,
    /// Room for one that is asked.
    date: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAG: &str = "<event date='09/26/2025 15:37:19.1234567 +02:00' severity='4' hostName='PS' thread='17' tickCount='5026' >";

    /// A tag, and each with a byte changed, taken out or put in.
    fn tags() -> impl Iterator<Item = String> {
        let whole = [TAG.to_owned(), TAG.replace("' >", "'>")];
        whole.into_iter().flat_map(|tag| {
            let damaged = (0..tag.len()).flat_map(|at| {
                let (before, after) = (tag[..at].to_owned(), tag[at + 1..].to_owned());
                let put = [" ", "'", "0", "+", ">", "=", "\n", "ä"];
                let put = put.map(|put| {
                    [
                        before.clone() + put + &after,
                        format!("{before}{put}{}", &tag[at..]),
                    ]
                });
                put.into_iter()
                    .flatten()
                    .chain([before.clone() + &after, before])
                    .collect::<Vec<_>>()
            });
            let all: Vec<String> = damaged.chain([tag.clone()]).collect();
            all
        })
    }

    #[test]
    fn every_tag_is_given_back_as_it_was_written() {
        let mut alike = 0;
        for text in tags().chain([String::new(), "'".repeat(99), TAG.repeat(2)]) {
            let tag = StartTag::of(&text);
            assert_eq!(tag.to_string(), text);
            let StartTag::Alike(tag) = tag else {
                continue;
            };
            alike += 1;
            // The same by the form of another one, or nothing.
            let own = (tag.thread, tag.tick);
            let again = tag.form.tag(text.as_bytes(), tag.date().as_bytes(), own);
            assert_eq!(again.is_some(), tag.date().is_ascii());
            assert_eq!(again.unwrap_or(StartTag::of(&text)), StartTag::of(&text));
        }
        assert!(alike > 500, "{alike}");
        for number in [
            "0",
            "00",
            "07",
            "+7",
            "123456789012345",
            "1234567890123456",
            "",
        ] {
            for name in ["17", "5026"] {
                let text = TAG.replace(name, number);
                let is_alike = matches!(StartTag::of(&text), StartTag::Alike(_));
                assert_eq!(
                    is_alike,
                    ["0", "123456789012345"].contains(&number),
                    "{text}"
                );
                assert_eq!(StartTag::of(&text).to_string(), text);
            }
        }
    }

    #[test]
    fn a_tag_of_another_form_is_none_of_this_one() {
        let StartTag::Alike(tag) = StartTag::of(TAG) else {
            panic!("{TAG}");
        };
        let of_form = |text: &str, own| tag.form.tag(text.as_bytes(), tag.date().as_bytes(), own);
        let zeros = TAG.replace("'17'", "'017'");
        assert_eq!(of_form(TAG, (17, 5026)), Some(StartTag::of(TAG)));
        assert_eq!(of_form(&zeros, (17, 5026)), None);
        // One byte less at the end and one more in a number.
        assert_eq!(of_form(&zeros.replace("' >", "'>"), (17, 5026)), None);
        let long = TAG.replace("5026", "1234567890123456");
        assert_eq!(of_form(&long, (17, 1_234_567_890_123_456)), None);
    }

    #[test]
    fn what_records_share_is_asked_once() {
        let asked = std::cell::RefCell::new(vec![]);
        let mut answers = Answers::default();
        let is_fine = |part: &str| {
            asked.borrow_mut().push(part.to_owned());
            !part.contains("bad")
        };
        let StartTag::Alike(tag) = StartTag::of(TAG) else {
            panic!("{TAG}");
        };
        let text: Arc<str> = "Package is bad".into();
        let record = |date: &str, text: &Arc<str>| Raw {
            tag: Some(
                StartTag::Alike(Alike {
                    date: date.as_bytes().into(),
                    ..tag.clone()
                })
                .into(),
            ),
            text: Arc::clone(text),
        };
        let fine: Arc<str> = "Package is fine".into();
        for date in ["Sep 26", "Sep 27"] {
            assert!(record(date, &fine).is_made_of(is_fine, &mut answers));
            assert!(!record(date, &text).is_made_of(is_fine, &mut answers));
        }
        assert!(!record("bad", &fine).is_made_of(is_fine, &mut answers));
        let form = StartTag::of(&TAG.replace("hostName='PS'", "hostName='bad'"));
        let bad_form = Raw {
            tag: Some(form.into()),
            text: Arc::clone(&fine),
        };
        assert!(!bad_form.is_made_of(is_fine, &mut answers));
        let shared = asked.borrow().iter().filter(|one| one.len() > 8).count();
        assert_eq!(shared, 4, "{asked:?}");
        assert!(!Raw::whole("bad").is_made_of(is_fine, &mut answers));
        let other = Raw {
            tag: Some(StartTag::of("<bad").into()),
            text: fine,
        };
        assert!(!other.is_made_of(is_fine, &mut answers));
    }
}
