//! Colours on a terminal. They only repeat what the words say: without them nothing is lost.
//!
//! `--color auto` follows `NO_COLOR`, `CLICOLOR`, `CLICOLOR_FORCE` and `TERM`, and colours no pipe.
//! Text from evidence is cleaned before it gets here; the only escapes that are printed are ours.

use super::arguments::When;
use crate::model::{Grade, Verdict};
use crate::render::terminal::{Tone, Toned};
use anstyle::{AnsiColor, Style};
use std::ffi::OsString;

pub const ERROR: Style = AnsiColor::Red.on_default().bold();
pub const LOST: Style = AnsiColor::Yellow.on_default().bold();
pub const NOTE: Style = AnsiColor::Cyan.on_default();
pub const PLAIN: Style = Style::new();

/// What `--color` asks for, told before the arguments are parsed: it counts for their errors too.
pub fn asked(arguments: impl Iterator<Item = OsString>) -> When {
    let arguments: Vec<OsString> = arguments.take_while(|one| one != "--").collect();
    let value = |(place, one): (usize, &OsString)| {
        let one = one.to_str()?;
        let next = || arguments.get(place + 1)?.to_str();
        let value = match one.strip_prefix("--color") {
            Some("") => next()?,
            Some(rest) => rest.strip_prefix('=')?,
            None => return None,
        };
        clap::ValueEnum::from_str(value, false).ok()
    };
    arguments
        .iter()
        .enumerate()
        .find_map(value)
        .unwrap_or(When::Auto)
}

/// Sets the choice for all that is printed from now on.
pub fn choose(when: When) -> clap::ColorChoice {
    let (ours, claps) = match when {
        When::Auto => (anstream::ColorChoice::Auto, clap::ColorChoice::Auto),
        When::Always => (anstream::ColorChoice::Always, clap::ColorChoice::Always),
        When::Never => (anstream::ColorChoice::Never, clap::ColorChoice::Never),
    };
    ours.write_global();
    claps
}

/// Prints `word: text` on standard error, the word in `style`; `text` is clean. After a plain word
/// stands no colon.
pub fn tell(style: Style, word: &str, text: &str) {
    if style == PLAIN {
        anstream::eprintln!("{word} {text}");
    } else {
        anstream::eprintln!("{style}{word}:{style:#} {text}");
    }
}

/// The text with its marks in colours.
pub fn painted(toned: &Toned) -> String {
    let mut out = String::new();
    let mut done = 0;
    for (range, tone) in &toned.marks {
        let style = style(*tone);
        out += &toned.text[done..range.start];
        out += &format!("{style}{}{style:#}", &toned.text[range.clone()]);
        done = range.end;
    }
    out + &toned.text[done..]
}

fn style(tone: Tone) -> Style {
    let colour = |colour: AnsiColor| colour.on_default();
    match tone {
        Tone::Heading => Style::new().bold(),
        Tone::Missing => colour(AnsiColor::Red),
        Tone::Verdict(verdict) => match verdict {
            Verdict::ExternalRemoval => colour(AnsiColor::Red).bold(),
            Verdict::ProductCleanup | Verdict::SiblingCleanup | Verdict::MetadataRemoval => {
                colour(AnsiColor::Yellow)
            }
            Verdict::InterruptedDownload | Verdict::AccessDenied | Verdict::SourceUnavailable => {
                colour(AnsiColor::Magenta)
            }
            Verdict::OperatorAction => colour(AnsiColor::Cyan),
            Verdict::Undetermined => Style::new().dimmed(),
            real => {
                debug_assert!(real.is_real_change());
                colour(AnsiColor::Green)
            }
        },
        Tone::Grade(grade) => match grade {
            Grade::Proven => Style::new().bold(),
            Grade::Strong => Style::new(),
            Grade::Likely | Grade::Undetermined => Style::new().dimmed(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_choice_is_read_before_the_arguments_are() {
        let asked = |text: &str| asked(text.split(' ').map(OsString::from));
        assert_eq!(asked("pkgtrail report x"), When::Auto);
        assert_eq!(asked("pkgtrail --color never report x"), When::Never);
        assert_eq!(asked("pkgtrail report x --color=always"), When::Always);
        assert_eq!(asked("pkgtrail report x --color"), When::Auto);
        assert_eq!(asked("pkgtrail report x --color=pink"), When::Auto);
        assert_eq!(asked("pkgtrail report -- --color=always"), When::Auto);
    }

    #[test]
    fn marks_are_painted_and_nothing_else() {
        let toned = Toned {
            text: "a proven b".to_owned(),
            marks: vec![(2..8, Tone::Grade(Grade::Proven))],
        };
        assert_eq!(painted(&toned), "a \x1b[1mproven\x1b[0m b");
        for verdict in Verdict::ALL {
            style(Tone::Verdict(verdict));
        }
    }
}
