//! Words by which a sentence is understood: who is somebody, and what tells how a password is.

use super::words::{is_file, is_vendors, is_word};

/// What does things, and is nobody: "requested by schedule", "run as expected".
const AGENTS: &str = "\
    above administration alarm alert anonymous another antivirus any api auf aufgabe automation \
    autostart background batch before below bits boot both button call caller child cli command \
    configuration connection console crash cron current daemon das dashboard deadline default \
    dem demand den dependency der described design designed detection dialog die dienst diesem \
    different dispatcher domain ein eine einem einen einer either elevated elevation engine \
    event eventlog everyone existing expected explorer failover firewall follows force \
    foreground framework für gui hand handler hat heartbeat high hook hotfix ihm ihn ihr im in \
    inheritance installer integrity intended interactive interface inventory ist its itself kann \
    kernel konfiguration launcher limited listener local logic lookup loop low machine \
    maintenance manifest master mdm menu migration mistake module monitor muss name needed \
    neustart nicht nobody normal notification often one operation optional orchestrator others \
    parent part peer people plan planned plugin poll polling portal possible power powershell \
    process processes protected provider pull push queue reason reboot receiver recovery \
    registry remote replication request requested required restart retention retry richtlinie \
    robocopy robot rollback rollout root rule rules runtime scanner sccm schedule scheduled \
    scheduler self sender sequence shell shutdown signal sleep soll some somebody someone soon \
    standalone standard startup storage subscription such supervisor switch technician their \
    thread throttling timeout timer trigger trusted unattended und uninstaller unknown \
    unprivileged uns upload usual vendor viewer virus wake war watchdog watcher webservice well \
    windows winlogon wird wizard worker workflow wsus wurde zeitplan";

/// What is of users, and is none: "user profile changed".
const OF_USERS: &str = "\
    access account accounts action actions activity agent and cache can cancel cannot \
    certificate changed choice component computer configuration configured consent console \
    context count created credential credentials customization data database defined deleted \
    desktop details device dialog directory documents download downloads elements environment \
    experience extension field file files folder group groups guide has hive home id idle info \
    information initiated input interaction interface is key language library licence license \
    list locale logged login logoff logon logout machine manager manual may menu message mode \
    must name names not notification object objects option options or password permission \
    permissions policies policy portal preference preferences process processes profile profiles \
    program programs prompt queue quota registry removed request requested requests response \
    rights role roles script scripts selected selection service services session sessions \
    setting settings share shell shortcut should sid space specific started state store table \
    task tasks temp template that time token type variable variables view virtualization was \
    which who will";

/// Given names that are common, and are no words of the product.
const GIVEN: &str = "\
    aaron achim adam adrian agnes alex alexander alexandra alfred alice alina amelie ana andrea \
    andreas andrew angela angelika anita anja anke anna anne anneliese annette antje anton \
    antonio armin arne arnold arthur astrid axel barbara bastian beate beatrice ben benjamin \
    bernd bernhard bettina birgit birte björn bob boris brian brigitte britta bruno carina carl \
    carla carlos carmen carol caroline carsten catherine charles charlotte chris christa \
    christian christiane christina christine christoph christopher claire clara claudia claus \
    clemens corinna cornelia dagmar daniel daniela david debora dennis detlef diana diego dieter \
    dietmar dirk dominik donald dora doris dorothea eberhard eckhard edith edward elena \
    elisabeth elizabeth elke ella ellen emil emily emma eric erich erik erika ernst erwin esther \
    eva evelyn fabian fatima felix ferdinand florian franz franziska friedrich fritz gabriela \
    gabriele georg george gerald gerd gerda gerhard gertrud gisela gregor greta gudrun gustav \
    günter günther hanna hannah hannes hans harald harry hartmut hedwig heidi heike heiko heiner \
    heinrich heinz helen helena helene helga helmut henning henry herbert hermann hilde \
    hildegard holger horst hubert ian ida ilona ilse inga inge ingo ingrid irene irina iris \
    isabel isabella jack jacob jakob james jan jana jane janine jean jens jessica joachim joanna \
    jochen johanna johannes john jonas jonathan josef joseph josé juan judith julia julian \
    juliane jutta jörg jürgen karen karin karl karla karsten katharina kathrin katja katrin \
    kenneth kerstin kevin klara klaus konrad konstantin kristin kurt lars laura lea lena leon \
    leonie lisa lothar louis louise luca lucas ludwig luis luisa lukas lutz lydia maja manfred \
    manuel manuela marc marcel marco marcus margarete margit maria marianne marie marina mario \
    marion markus marlene martha martin martina mathias matthias maurice max maximilian melanie \
    mia michael michaela michelle miguel mike miriam mohamed mohammed monika moritz nadine \
    natalie natascha nicholas nick nicolas nicole niels nikolaus nils nina noah nora norbert \
    olaf ole oliver oscar oskar otto pablo pascal patricia patrick paul paula pauline pedro \
    peter petra philipp pia pierre rainer ralf ralph raphael rebecca regina reiner reinhard \
    renate rené richard rita robert roberto robin roger roland rolf ronald rosa rosemarie rudolf \
    ruth sabine sabrina samuel sandra sara sarah sascha sebastian sigrid silke silvia simon \
    simone sofia sonja sophia sophie stefan stefanie steffen stephan stephanie steve steven \
    susan susanne sven swantje sylvia tanja tatjana theo theresa thomas thorsten tilman tim timo \
    tina tobias tom torsten udo ulf ulrich ulrike ursula ute uwe valentin vanessa vera verena \
    veronika viktor vincent volker walter waltraud werner wiebke wilhelm willi william winfried \
    wolfgang yvonne";

/// What a sentence says of a password: "the password is wrong".
const SAID: &str = "\
    a abgelaufen about accepted after again age ago aktiviert allowed already also and are \
    assigned available be because been before being blank blocked box by cached can cannot \
    changed characters checked cleared command complexity correct darf das database days \
    deactivated deaktiviert default defined dem den denied der die diesem different disabled \
    does eine einem einen einer empty enabled encoded encrypted entered entry erforderlich \
    exceeded expire expired expires expiré failed falsch fehlgeschlagen fehlt festgelegt field \
    file files for from gelöscht geprüft gesetzt gespeichert gesperrt geändert given gültig has \
    hashed hidden hinterlegt history hours if ihr ihre in incorrect incorrecta into invalid is \
    it its kein keine keines known leer length less locked login logon long longer managed \
    manager masked match matches minutes mismatch missing modified muss must needed neu never \
    next nicht no none not null of ok okay omitted on only optional or our pending plain \
    policies policy prompt provided read received redacted refused rejected renewed required \
    requis reset saved sein sent set short shorter should so specified still stored strong \
    successfully supplied tage than that the there these this to too unbekannt unchanged \
    ungültig unknown unset until updated used using valid vault verified verschlüsselt via \
    vorhanden war was weak when while will wird with wrong wurde würde yes yet you your zeichen \
    zu zurückgesetzt";

/// Whether a word tells how a password is, not which it is.
pub fn is_said(word: &str) -> bool {
    holds(SAID, word) || word.bytes().all(|one| one.is_ascii_digit()) && word.len() < 4
}

/// Whether it does things by itself, and is nobody: a schedule.
pub fn is_agent(word: &str) -> bool {
    const ENDINGS: [&str; 10] = [
        "tion", "ment", "ness", "ance", "ence", "ing", "ity", "ware", "ung", "ted",
    ];
    holds(AGENTS, word)
        || is_of_users(word)
        || is_word(word)
        || ENDINGS.iter().any(|ending| word.ends_with(ending))
}

/// Whether it is something that users have: their profile, an action of theirs.
pub fn is_of_users(word: &str) -> bool {
    holds(OF_USERS, word)
}

/// Whether people are called so.
pub fn is_given(name: &str) -> bool {
    let lower = name.to_lowercase();
    holds(GIVEN, &lower)
}

/// Whether a name is made as accounts are: `m.keller`, `svc_backup`; not `System.Timer`, `backup_job`.
pub fn is_account(name: &str) -> bool {
    const HEADS: [&str; 8] = ["svc", "adm", "admin", "sa", "srv", "usr", "service", "ext"];
    let mut parts = name.split(['.', '_']);
    let head = parts.next().unwrap_or_default();
    let is_name = |part: &str| part.starts_with(char::is_alphabetic) && !is_vendors(part);
    let is_headed = HEADS.contains(&head);
    let is_small = !name.contains(char::is_uppercase) || is_given(head);
    name.contains(['.', '_'])
        && is_small
        && (is_headed || is_name(head) && (head.len() == 1 || !is_agent(head)))
        && parts.all(|part| is_headed && !part.is_empty() || is_name(part) && !is_agent(part))
        && !is_file(name)
}

fn holds(words: &str, word: &str) -> bool {
    words.split(' ').any(|one| one.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_is_told_from_what_acts() {
        for name in [
            "m.keller",
            "svc_backup",
            "anna.schmidt",
            "Anna.Schmidt",
            "adm_keller",
            "a.b-c",
        ] {
            assert!(is_account(name), "{name}");
        }
        for name in [
            "System.Timer",
            "backup_job",
            "setup.exe",
            "schedule",
            "keller",
            "file_server",
        ] {
            assert!(!is_account(name), "{name}");
        }
        assert!(is_agent("schedule") && is_agent("configuration") && !is_agent("keller"));
        assert!(
            is_given("Anna") && is_given("Jörg") && !is_given("Backup") && !is_given("Nordwind")
        );
    }

    #[test]
    fn the_lists_are_sorted_and_no_word_of_the_product_is_a_given_name() {
        for list in [AGENTS, OF_USERS, GIVEN, SAID] {
            let words: Vec<&str> = list.split(' ').collect();
            assert!(words.is_sorted() && words.iter().all(|word| !word.is_empty()));
        }
        assert!(
            !GIVEN
                .split(' ')
                .any(|name| is_word(name) || is_vendors(name))
        );
    }
}
