//! What a database's own words mean. Of most troubles diesel gives no code, so their wording has to serve:
//! SQLite's and libpq's, which are English, and those of a PostgreSQL server, which speaks the language
//! that its `lc_messages` names if it may not be asked for English (`language.rs`).
//!
//! Short pieces suffice that stand in no other message of the same catalogue. What the operating system
//! says of a full disk comes from its C library, which knows more languages than PostgreSQL does.

/// What can be told from a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Two transactions waited for each other.
    Deadlock,
    /// A lock was waited for in vain.
    Locked,
    /// There is no room left.
    Full,
    /// The database cannot be used, or broke off.
    Unavailable,
}

/// What this message of a database means, if it is known; of several the first counts.
pub(super) fn meaning(message: &str) -> Option<Meaning> {
    let known = KNOWN.iter().find(|(_, pieces)| pieces.iter().any(|piece| message.contains(piece)));
    known.map(|(meaning, _)| *meaning)
}

const KNOWN: &[(Meaning, &[&str])] = &[
    (Meaning::Deadlock, DEADLOCK),
    (Meaning::Locked, LOCKED),
    // A disk that fails while a file grows has not run full.
    (Meaning::Unavailable, BROKEN),
    (Meaning::Full, FULL),
    (Meaning::Unavailable, UNAVAILABLE),
];

const DEADLOCK: &[&str] = &[
    "deadlock detected",
    "Verklemmung (Deadlock)",
    "detectado un deadlock",
    "interblocage",
    "rilevato deadlock",
    "デッドロックを検出",
    "ურთიერთბლოკირება",
    "deadlock 발생",
    "обнаружена взаимоблокировка",
    "deadlock upptäckt",
    "виявлено взаємне блокування",
    "检测到死锁",
];

/// A timeout of a lock, and a lock that was asked for without waiting.
const LOCKED: &[&str] = &[
    "due to lock timeout",
    "could not obtain lock",
    "database is locked",
    // German
    "Zeitüberschreitung einer Sperre",
    "konnte Sperre für",
    // Spanish
    "tiempo de espera de candados",
    "bloquear un candado",
    // French
    "l'obtention des verrous",
    "pas pu obtenir un verrou",
    // Italian
    "a causa di timeout di lock",
    "lock della relazione",
    "lock di riga nella relazione",
    // Japanese
    "ロックのタイムアウト",
    "のロックを取得できません",
    "の行ロックを取得できません",
    // Georgian
    "ბლოკის მოლოდინის ვადის",
    "ბლოკის მიღების შეცდომა",
    "მწკრივის დაბლოკვის შეცდომა",
    // Korean
    "잠금 대기 시간 초과",
    "잠금 정보를 구할 수 없",
    // Russian
    "тайм-аута блокировки",
    "не удалось получить блокировку",
    // Swedish
    "lås-timeout",
    "kunde inte ta lås",
    "kunde inte låsa rad",
    // Ukrainian
    "тайм-аут блокування",
    "не вдалося отримати блокування",
    // Chinese
    "由于锁超时",
    "上获得锁",
];

/// No space in the languages of glibc; a quota, and a file that could not grow, in those of PostgreSQL.
const FULL: &[&str] = &[
    "database or disk is full",
    "could not extend file",
    "No space left",
    "Disk quota exceeded",
    // Belarusian
    "Няма месца на прыладзе",
    // Bulgarian
    "Няма свободно място на устройството",
    // Catalan
    "No resta espai al dispositiu",
    // Czech
    "Na zařízení není volné místo",
    // Danish
    "Ikke mere plads på enheden",
    // German
    "kein Speicherplatz mehr verfügbar",
    "Plattenplatz (Quota)",
    "« nicht erweitern",
    // Greek
    "Δεν έμεινε καθόλου χώρος στη συσκευή",
    // Spanish
    "No queda espacio en el dispositivo",
    "la cuota de disco",
    "no se pudo extender el archivo",
    // Finnish
    "Laitteella ei ole tilaa jäljellä",
    // French
    "Aucun espace disponible sur le périphérique",
    "quota d'espace disque",
    "pas pu étendre le fichier",
    // Croatian
    "Nema više prostora na uređaju",
    // Hungarian
    "Nincs több hely a lemezen",
    // Indonesian
    "Tidak ruang lagi diperangkat",
    // Italian
    "Spazio esaurito sul device",
    "Quota disco superata",
    "possibile estendere il file",
    // Japanese
    "デバイスに空き領域がありません",
    "ディスク使用量制限を超過",
    "を拡張できませんでした",
    // Georgian
    "ფაილის გაფართოების შეცდომა",
    // Korean
    "장치에 남은 공간이 없음",
    "디스크 할당량이 초과",
    "파일을 확장할 수 없음",
    // Lithuanian
    "Įrenginyje neliko vietos",
    // Norwegian
    "Ikke mer plass på enheten",
    // Dutch
    "Geen ruimte meer over op apparaat",
    // Polish
    "Brak miejsca na urządzeniu",
    // Portuguese
    "Sem espaço livre no dispositivo",
    "Não há espaço disponível no dispositivo",
    // Russian
    "не осталось свободного места",
    "Превышена дисковая квота",
    "не удалось увеличить файл",
    // Slovak
    "Na zariadení už nie je žiadne miesto",
    // Slovenian
    "Na napravi ni več prostora",
    // Serbian
    "Није преостало простора на уређају",
    // Swedish
    "Enheten är full",
    "Diskkvot överskriden",
    "kunde inte utöka fil",
    // Turkish
    "Aygıt üzerinde boş yer yok",
    // Ukrainian
    "Недостатньо місця на пристрої",
    "Перевищено квоту диска",
    "не вдалося розширити файл",
    // Vietnamese
    "Không có đủ chỗ trống trên thiết bị",
    // Chinese
    "设备上没有空间",
    "超出磁盘限额",
    "无法扩展文件",
    "裝置上已無多餘空間",
];

/// A disk that does not answer, in the languages of PostgreSQL.
const BROKEN: &[&str] = &[
    "Input/output error",
    "Eingabe-/Ausgabefehler",
    "Error de entrada/salida",
    "Erreur d'entrée/sortie",
    "Errore di input/output",
    "入力/出力エラー",
    "입력/출력 오류",
    "Ошибка ввода/вывода",
    "In/ut-fel",
    "Помилка введення-виведення",
    "输入/输出错误",
];

const UNAVAILABLE: &[&str] = &[
    // SQLite
    "disk I/O error",
    "unable to open database file",
    "attempt to write a readonly database",
    "database disk image is malformed",
    "file is not a database",
    "locking protocol",
    // libpq
    "server closed the connection",
    "could not connect",
    "connection to server",
    "no connection to the server",
    "SSL connection has been closed",
    "could not receive data",
    "could not send data",
    // PostgreSQL: a connection is ended, a statement is broken off, it starts or stops
    "terminating connection",
    "canceling statement due to",
    "the database system is",
    // It has no more connections, or no memory; and other servers that stand in for it
    "too many clients",
    "too many connections",
    "remaining connection slots",
    "out of memory",
    "out of shared memory",
    // Files that it cannot reach, and pages that are not what was written (SQLSTATE classes 58 and XX)
    "could not open ",
    "could not read ",
    "could not write ",
    "could not fsync ",
    "could not flush ",
    "could not stat ",
    "could not seek ",
    "could not truncate ",
    "could not access ",
    "could not allocate ",
    "could not create file",
    "could not create directory",
    "invalid page in block",
    "unexpected data beyond EOF",
    "unexpected zero page",
    "missing chunk number",
    // German
    "Verbindung wird abgebrochen",
    "storniere Anfrage",
    "das Datenbanksystem",
    // Spanish
    "terminando la conexión",
    "cancelando la sentencia",
    "el sistema de base de datos",
    "el sistema de bases de datos",
    // French
    "arrêt de la connexion",
    "arrêt des connexions",
    "annulation de la requête",
    "le système de base",
    // Italian
    "interruzione della connessione",
    "la connessione è stata terminata",
    "terminazione della connessione",
    "annullamento dell'istruzione",
    "il database si sta",
    "il database è in modalità",
    "il sistema di database non",
    // Japanese
    "接続を終了し",
    "をキャンセルしています",
    "データベースシステムは",
    // Georgian
    "მიერთების შეწყვეტა",
    "მონაცემთა ბაზის სისტემ",
    // Korean
    "연결을 끝냅니다",
    "연결을 중지합니다",
    "작업을 취소합니다",
    "데이터베이스 시스템",
    // Russian
    "закрытие подключения",
    "выполнение оператора отменено",
    "система баз данных",
    "система БД",
    // Swedish
    "avslutar anslutning",
    "avbryter anslutning",
    "stänger anslutning",
    "terminerar anslutning",
    "avbryter sats",
    "databassystemet",
    // Ukrainian
    "завершення підключення",
    "виконання оператора скасовано",
    "система бази даних",
    // Chinese
    "中断联接",
    "终止连接",
    "中断连接",
    "正在取消",
    "数据库系统",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn all_mean(meaning_of_all: Option<Meaning>, messages: &[&str]) {
        for message in messages {
            assert_eq!(meaning(message), meaning_of_all, "{message}");
        }
    }

    /// As PostgreSQL 15 says it in each language that it is translated into.
    #[test]
    fn deadlocks_are_not_taken_for_locks() {
        all_mean(
            Some(Meaning::Deadlock),
            &[
                "deadlock detected",
                "Verklemmung (Deadlock) entdeckt",
                "se ha detectado un deadlock",
                "interblocage (deadlock) détecté",
                "rilevato deadlock",
                "デッドロックを検出しました",
                "ნაპოვნია ურთიერთბლოკირება",
                "deadlock 발생했음",
                "обнаружена взаимоблокировка",
                "deadlock upptäckt",
                "виявлено взаємне блокування",
                "检测到死锁",
            ],
        );
    }

    #[test]
    fn locks_are_told_from_other_timeouts() {
        all_mean(
            Some(Meaning::Locked),
            &[
                "canceling statement due to lock timeout",
                "storniere Anfrage wegen Zeitüberschreitung einer Sperre",
                "cancelando la sentencia debido a que se agotó el tiempo de espera de candados (locks)",
                "annulation de la requête à cause du délai écoulé pour l'obtention des verrous",
                "annullamento dell'istruzione a causa di timeout di lock",
                "ロックのタイムアウトのためステートメントをキャンセルしています",
                "გამოსახულება გაუქმდება ბლოკის მოლოდინის ვადის ამოწურვის გამო",
                "잠금 대기 시간 초과로 작업을 취소합니다.",
                "выполнение оператора отменено из-за тайм-аута блокировки",
                "avbryter sats på grund av lås-timeout",
                "виконання оператора скасовано через тайм-аут блокування",
                "由于锁超时，取消语句操作",
                // Asked for without waiting.
                "could not obtain lock on relation \"idempotency_keys\"",
                "无法在关系 \"idempotency_keys\" 上获得锁",
                "リレーション\"idempotency_keys\"のロックを取得できませんでした",
            ],
        );
        all_mean(
            Some(Meaning::Unavailable),
            &[
                "canceling statement due to statement timeout",
                "storniere Anfrage wegen Zeitüberschreitung der Anfrage",
                "cancelando la sentencia debido a que se agotó el tiempo de espera de sentencias",
                "annullamento dell'istruzione a causa di timeout",
                "ステートメントのタイムアウトのためステートメントをキャンセルしています",
                "выполнение оператора отменено из-за тайм-аута",
                "avbryter sats på grund av sats-timeout",
                "由于语句执行超时，正在取消查询命令",
                "由于管理员命令中断联接",
                "数据库系统停止中",
            ],
        );
    }

    #[test]
    fn a_full_disk_is_known_in_what_the_system_says_of_it() {
        all_mean(
            Some(Meaning::Full),
            &[
                "could not extend file \"base/5/1259\": No space left on device",
                "could not write to file \"pg_wal/xlogtemp.31\": No space left on device",
                "konnte nicht in Datei »x« schreiben: Auf dem Gerät ist kein Speicherplatz mehr verfügbar",
                "no se pudo escribir a archivo «x»: No queda espacio en el dispositivo",
                "n'a pas pu écrire dans le fichier « x » : Aucun espace disponible sur le périphérique",
                "ファイル\"x\"を書き出せませんでした: デバイスに空き領域がありません",
                "\"x\" 파일을 확장할 수 없음: 장치에 남은 공간이 없음",
                "не удалось записать в файл \"x\": На устройстве не осталось свободного места",
                "无法扩展文件 \"base/5/1259\": 设备上没有空间",
                "无法写入文件 \"x\": 设备上没有空间",
                // A language that PostgreSQL is not translated into, and its C library is.
                "could not write to file \"x\": Brak miejsca na urządzeniu",
            ],
        );
    }

    #[test]
    fn a_disk_that_fails_is_not_full() {
        all_mean(
            Some(Meaning::Unavailable),
            &[
                "could not extend file \"base/5/1259\": Input/output error",
                "could not read block 7 in file \"base/5/1259\": Input/output error",
                "could not open file \"base/5/1259\": No such file or directory",
                "could not fsync file \"base/5/1259\": Input/output error",
                "invalid page in block 7 of relation base/5/1259",
                "sorry, too many clients already",
                "无法扩展文件 \"base/5/1259\": 输入/输出错误",
                "konnte Block 7 in Datei »x« nicht lesen: Eingabe-/Ausgabefehler",
            ],
        );
    }

    #[test]
    fn a_mistake_of_ours_means_nothing() {
        all_mean(
            None,
            &[
                "relation \"report\" does not exist",
                "关系 \"report\" 不存在",
                "Relation »report« existiert nicht",
                "konnte Datei »x« nicht öffnen: Keine Berechtigung",
                "syntax error at or near \"SELECTED\"",
                "no such table: report",
                "could not determine data type of parameter $1",
                "could not identify an equality operator for type json",
                "duplicate key value violates unique constraint \"known_issues_pkey\"",
            ],
        );
    }
}
