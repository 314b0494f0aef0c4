//! A small browser: cookies, forms, and every header of an answer.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

#[derive(Clone)]
pub struct Browser {
    pub address: SocketAddr,
    pub cookies: BTreeMap<String, String>,
    /// Sent with every request, besides host and cookies.
    pub headers: Vec<(String, String)>,
    pub host: String,
}

#[derive(Clone)]
pub struct Answer {
    pub code: u16,
    /// Names in small letters.
    pub headers: Vec<(String, String)>,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The token of the first form of a page.
    pub fn token(&self) -> String {
        value_of(&self.text(), "token").unwrap_or_default()
    }
}

/// The value of a hidden field of a page.
pub fn value_of(page: &str, name: &str) -> Option<String> {
    let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\""))?;
    Some(rest.split('"').next().unwrap().to_owned())
}

/// A text as a part of a form or an address.
pub fn encoded(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

impl Browser {
    pub fn new(address: SocketAddr) -> Browser {
        Browser { address, cookies: BTreeMap::new(), headers: Vec::new(), host: address.to_string() }
    }

    pub fn get(&mut self, path: &str) -> Answer {
        self.ask("GET", path, None)
    }

    /// Posts a form with files: fields first, then part, name and bytes of each file.
    pub fn upload(&mut self, path: &str, fields: &[(&str, &str)], files: &[(&str, &str, Vec<u8>)]) -> Answer {
        let mut body = Vec::new();
        for (name, value) in fields {
            let head = format!("--xyz\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(head.as_bytes());
        }
        for (name, file, bytes) in files {
            let head = format!(
                "--xyz\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--xyz--\r\n");
        self.ask("POST", path, Some(("multipart/form-data; boundary=xyz", &body)))
    }

    /// Posts a form as it is.
    pub fn post_raw(&mut self, path: &str, body: &str) -> Answer {
        self.ask("POST", path, Some(("application/x-www-form-urlencoded", body.as_bytes())))
    }

    /// Posts a form with a token.
    pub fn post_with(&mut self, path: &str, token: &str, fields: &[(&str, &str)]) -> Answer {
        let mut body = format!("token={token}");
        for (name, value) in fields {
            body.push_str(&format!("&{}={}", encoded(name), encoded(value)));
        }
        self.post_raw(path, &body)
    }

    /// Posts a form with the token of the page `/me`.
    pub fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.get("/me").token();
        self.post_with(path, &token, fields)
    }

    pub fn sign_in(&mut self, name: &str, password: &str) -> Answer {
        let token = self.get("/sign-in").token();
        self.post_with("/sign-in", &token, &[("name", name), ("password", password), ("next", "/")])
    }

    fn ask(&mut self, method: &str, path: &str, body: Option<(&str, &[u8])>) -> Answer {
        let mut request = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", self.host);
        for (name, value) in &self.headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        if !self.cookies.is_empty() {
            let pairs: Vec<String> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request.push_str(&format!("Cookie: {}\r\n", pairs.join("; ")));
        }
        let mut request = request.into_bytes();
        if let Some((kind, body)) = body {
            let head = format!("Content-Type: {kind}\r\nContent-Length: {}\r\n\r\n", body.len());
            request.extend_from_slice(head.as_bytes());
            request.extend_from_slice(body);
        } else {
            request.extend_from_slice(b"\r\n");
        }
        let answer = sent(self.address, &request);
        for (name, value) in &answer.headers {
            if name == "set-cookie" {
                let (name, rest) = value.split_once('=').unwrap();
                let value = rest.split(';').next().unwrap();
                match rest.contains("Max-Age=0") {
                    true => drop(self.cookies.remove(name)),
                    false => drop(self.cookies.insert(name.to_owned(), value.to_owned())),
                }
            }
        }
        answer
    }
}

/// What a server answers to some bytes; code 0 if nothing.
pub fn sent(address: SocketAddr, request: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(address).unwrap();
    // A server may answer, and close, before it has taken everything.
    let _ = stream.write_all(request);
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    let at = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(bytes.len());
    let head = String::from_utf8_lossy(&bytes[..at]).into_owned();
    let mut lines = head.lines();
    let code = lines.next().and_then(|line| line.split(' ').nth(1)).map_or(0, |code| code.parse().unwrap());
    let headers = lines.filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    let mut body = bytes.get(at + 4..).unwrap_or_default().to_vec();
    if head.to_ascii_lowercase().contains("transfer-encoding: chunked") {
        body = unchunked(&body);
    }
    Answer { code, headers, bytes: body }
}

fn unchunked(mut body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    while let Some(end) = body.windows(2).position(|two| two == b"\r\n") {
        let length = usize::from_str_radix(std::str::from_utf8(&body[..end]).unwrap().trim(), 16).unwrap();
        if length == 0 {
            break;
        }
        out.extend_from_slice(&body[end + 2..end + 2 + length]);
        body = &body[end + 4 + length..];
    }
    out
}
