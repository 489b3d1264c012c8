//! The same request as shell commands that anybody can run. Key and secret stay
//! in variables of the shell, and openssl computes the signature.

use std::fmt::Write;

use super::{Key, Request, Signature};

/// A run of one character is written as what makes it from this length on.
const RUN: usize = 48;

impl Request {
    /// Commands that send this request to `base`.
    pub fn curl(&self, base: &str) -> String {
        let mut script = String::new();
        let url = match self.path.contains("://") {
            true => self.path.clone(),
            false => format!("{}{}", base.trim_end_matches('/'), self.path),
        };
        if let Some(body) = &self.body {
            let _ = writeln!(script, "{} > body", print(body));
        }
        let signature = self.signature_value(&mut script);
        let mut curl = format!("curl -i -X {} {}", self.method, quote(&url));
        let mut header = |text: String| {
            let _ = write!(curl, " \\\n  -H {text}");
        };
        for (name, value) in &self.headers {
            header(quote(&format!("{name}: {value}")));
        }
        match &self.key {
            // The variable may hold several keys: the one that was sent is meant, as
            // another may have requests left or be of the other format.
            Key::Own | Key::Nth(0) => {
                header("\"X-QualityMax-API-Key: ${QUALITYMAX_CONFORMANCE_KEY%%,*}\"".to_owned());
            }
            Key::Nth(number) => {
                let field = number + 1;
                header(format!(
                    "\"X-QualityMax-API-Key: $(printf %s \"$QUALITYMAX_CONFORMANCE_KEY\" | cut -d, -f{field})\""
                ));
            }
            Key::Other => {
                header("\"X-QualityMax-API-Key: $QUALITYMAX_CONFORMANCE_OTHER_KEY\"".to_owned());
            }
            Key::Text(text) => header(quote(&format!("X-QualityMax-API-Key: {text}"))),
            Key::Missing => {}
        }
        if let Some(signature) = signature {
            header(signature);
        }
        if self.body.is_some() {
            let _ = write!(curl, " \\\n  --data-binary @body");
        }
        script + &curl
    }

    /// The header, and before it the commands that compute what it holds.
    fn signature_value(&self, script: &mut String) -> Option<String> {
        let hmac = match &self.signature {
            Signature::Missing => return None,
            // curl sends an empty header only where a semicolon ends its name.
            Signature::Text(text) if text.is_empty() => {
                return Some(quote(&format!("{};", self.signature_header)));
            }
            Signature::Text(text) => {
                return Some(quote(&format!("{}: {text}", self.signature_header)));
            }
            Signature::Made(hmac) => hmac,
        };
        let mut file = "body";
        if let Some(over) = &hmac.over {
            let _ = writeln!(script, "{} > signed", print(over));
            file = "signed";
        }
        let secret = match &hmac.secret {
            Some(secret) => quote(secret),
            None => "\"$QUALITYMAX_CONFORMANCE_SECRET\"".to_owned(),
        };
        let mut command = format!("openssl dgst -sha256 -hmac {secret} < {file} | sed 's/^.* //'");
        if hmac.upper_case {
            command.push_str(" | tr a-f A-F");
        }
        if hmac.digits < 64 {
            let _ = write!(command, " | cut -c 1-{}", hmac.digits);
        }
        let _ = writeln!(script, "SIG=$({command})");
        Some(format!(
            "\"{}: {}$SIG\"",
            self.signature_header, hmac.prefix
        ))
    }
}

/// A command that prints exactly these bytes.
fn print(body: &[u8]) -> String {
    match std::str::from_utf8(body) {
        Ok(text) if !text.contains('\0') => match text.contains(is_fragile) {
            true => format!("printf %b {}", with_runs(&escaped(text))),
            false => format!("printf %s {}", with_runs(text)),
        },
        // What is no text goes byte by byte, in octal.
        _ => {
            let octal: String = body.iter().map(|byte| format!("\\{byte:03o}")).collect();
            format!("printf '{octal}'")
        }
    }
}

/// Does not survive being copied from a terminal.
fn is_fragile(character: char) -> bool {
    character.is_control() && character != '\n'
}

/// As `printf %b` takes it.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for character in text.chars() {
        match character {
            '\\' => out.push_str(r"\\"),
            '\r' => out.push_str(r"\r"),
            '\t' => out.push_str(r"\t"),
            c if is_fragile(c) => {
                for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                    let _ = write!(out, "\\0{byte:03o}");
                }
            }
            c => out.push(c),
        }
    }
    out
}

/// Quoted for the shell, long runs of one character as a command that makes them.
fn with_runs(text: &str) -> String {
    let mut out = String::new();
    let mut plain = String::new();
    let characters: Vec<char> = text.chars().collect();
    let mut at = 0;
    while at < characters.len() {
        let character = characters[at];
        let length = characters[at..]
            .iter()
            .take_while(|&&other| other == character)
            .count();
        let simple = character.is_alphanumeric() || " .-_".contains(character);
        if length >= RUN && simple {
            if !plain.is_empty() {
                out.push_str(&quote(&plain));
                plain.clear();
            }
            let _ = write!(out, "\"$(printf %0{length}d 0 | sed 's/0/{character}/g')\"");
        } else {
            plain.extend(&characters[at..at + length]);
        }
        at += length;
    }
    if !plain.is_empty() || out.is_empty() {
        out.push_str(&quote(&plain));
    }
    out
}

/// One word of the shell.
pub(crate) fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::super::Hmac;
    use super::*;

    /// Runs the commands with a `curl` that prints its arguments.
    fn shown(request: &Request) -> (String, Vec<u8>) {
        let dir = tempfile::tempdir().unwrap();
        let script = request.curl("http://127.0.0.1:1/");
        let script = format!("curl() {{ printf '%s\\n' \"$@\"; }}\n{script}");
        let output = Command::new("sh")
            .args(["-c", &script])
            .current_dir(dir.path())
            .env("QUALITYMAX_CONFORMANCE_KEY", "qm-one,qm-two")
            .env("QUALITYMAX_CONFORMANCE_SECRET", "your-webhook-secret")
            .output()
            .unwrap();
        let body = std::fs::read(dir.path().join("body")).unwrap_or_default();
        (String::from_utf8(output.stdout).unwrap(), body)
    }

    fn webhook(body: &[u8]) -> Request {
        Request::operation("trigger_test_generation", &["veilstream"]).bytes(body.to_vec())
    }

    #[test]
    fn the_commands_send_the_very_bytes_and_sign_them() {
        let long = format!("{{\"it's\": \"{}é\\u0041$HOME %d\"}}", "a".repeat(8001));
        let wide = "東".repeat(60);
        let bodies: [&[u8]; 5] = [
            long.as_bytes(),
            b"",
            b"\xff\xfe\0'",
            wide.as_bytes(),
            b"{\r\n\t\"path\": \"C:\\n\"\x1b}\r\n",
        ];
        for body in bodies {
            let (arguments, sent) = shown(&webhook(body));
            assert_eq!(sent, body);
            let signature = signature::sign(b"your-webhook-secret", body);
            assert!(
                arguments.contains(&format!("X-Partner-Signature: {signature}\n")),
                "{arguments}"
            );
            assert!(
                arguments.contains("X-QualityMax-API-Key: qm-one\n"),
                "{arguments}"
            );
        }
    }

    #[test]
    fn the_key_is_the_one_that_was_sent() {
        for (key, sent) in [
            (Key::Own, "qm-one"),
            (Key::Nth(0), "qm-one"),
            (Key::Nth(1), "qm-two"),
            (Key::Text("it's none".to_owned()), "it's none"),
        ] {
            let (arguments, _) = shown(&webhook(b"{}").key(key));
            let header = format!("X-QualityMax-API-Key: {sent}\n");
            assert!(arguments.contains(&header), "{arguments}");
        }
    }

    #[test]
    fn a_broken_signature_is_broken_in_the_same_way() {
        let request = webhook(b"{}").signature(Signature::Made(Hmac {
            prefix: "sha1=",
            upper_case: true,
            digits: 8,
            ..Hmac::right()
        }));
        let value = request
            .signature
            .value("your-webhook-secret", b"{}")
            .unwrap();
        let (arguments, _) = shown(&request);
        assert!(
            arguments.contains(&format!("X-Partner-Signature: {value}\n")),
            "{arguments}"
        );
    }

    #[test]
    fn long_runs_are_short_and_secrets_are_variables() {
        let body = format!("{{\"url\":\"{}\"}}", "a".repeat(2049));
        let curl = webhook(body.as_bytes()).curl("https://app.qualitymax.io");
        insta::assert_snapshot!(curl, @r#"
        printf %s '{"url":"'"$(printf %02049d 0 | sed 's/0/a/g')"'"}' > body
        SIG=$(openssl dgst -sha256 -hmac "$QUALITYMAX_CONFORMANCE_SECRET" < body | sed 's/^.* //')
        curl -i -X POST 'https://app.qualitymax.io/api/webhooks/veilstream' \
          -H 'Content-Type: application/json' \
          -H "X-QualityMax-API-Key: ${QUALITYMAX_CONFORMANCE_KEY%%,*}" \
          -H "X-Partner-Signature: sha256=$SIG" \
          --data-binary @body
        "#);
    }
}
