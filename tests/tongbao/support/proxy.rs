//! A man in the middle who changes statements on their way: a real server that is made to speak as
//! another would. What its stand-in proves is how the program answers, not how the other server works.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};

/// What a statement that holds the first text has in its place.
pub type Rules = &'static [(&'static str, &'static str)];

/// Listens on a port of its own before a server on this machine.
pub fn postgres(server: u16, rules: Rules) -> u16 {
    listen(server, move |client, server| postgres_statements(client, server, rules))
}

pub fn mysql(server: u16, rules: Rules) -> u16 {
    listen(server, move |client, server| mysql_statements(client, server, rules))
}

/// A server of GaussDB's kind as far as its demand for its own sign-in (number 10, SHA256).
pub fn gaussdb() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.unwrap();
            // A question for TLS, then the start; either is a length and its bytes.
            for answer in [b"N".to_vec(), sign_in()] {
                let mut length = [0; 4];
                if client.read_exact(&mut length).is_err() {
                    break;
                }
                let mut body = vec![0; u32::from_be_bytes(length) as usize - 4];
                let is_start = client.read_exact(&mut body).is_ok() && body.starts_with(&[0, 3, 0, 0]);
                let answer = if is_start { sign_in() } else { answer };
                client.write_all(&answer).unwrap();
            }
            let _ = client.read(&mut [0; 64]);
        }
    });
    port
}

fn sign_in() -> Vec<u8> {
    let mut body = 10_u32.to_be_bytes().to_vec();
    body.extend(2_u32.to_be_bytes());
    body.extend(b"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
    body.extend(b"01234567");
    body.extend(10_000_u32.to_be_bytes());
    let mut message = b"R".to_vec();
    message.extend((body.len() as u32 + 4).to_be_bytes());
    message.extend(body);
    message
}

fn listen(server: u16, statements: impl Fn(TcpStream, TcpStream) + Send + Clone + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let (client, server) = (client.unwrap(), TcpStream::connect(("127.0.0.1", server)).unwrap());
            let (mut answers, mut to) = (server.try_clone().unwrap(), client.try_clone().unwrap());
            std::thread::spawn(move || {
                let _ = std::io::copy(&mut answers, &mut to);
                let _ = to.shutdown(Shutdown::Both);
            });
            let statements = statements.clone();
            std::thread::spawn(move || statements(client, server));
        }
    });
    port
}

fn changed(statement: &[u8], rules: Rules) -> Vec<u8> {
    let text = String::from_utf8_lossy(statement).into_owned();
    rules.iter().fold(text, |text, (from, to)| text.replace(from, to)).into_bytes()
}

/// The start has no kind; every later message has a kind and a length that counts itself. The question
/// for TLS is passed on: the server has none.
fn postgres_statements(mut client: TcpStream, mut server: TcpStream, rules: Rules) {
    let mut is_started = false;
    loop {
        let mut kind = [0];
        if is_started && client.read_exact(&mut kind).is_err() {
            break;
        }
        let mut length = [0; 4];
        if client.read_exact(&mut length).is_err() {
            break;
        }
        let mut body = vec![0; u32::from_be_bytes(length) as usize - 4];
        if client.read_exact(&mut body).is_err() {
            break;
        }
        let mut message = if is_started { kind.to_vec() } else { Vec::new() };
        if kind == *b"Q" {
            body = changed(&body, rules);
        }
        is_started |= body.starts_with(&[0, 3, 0, 0]);
        message.extend((body.len() as u32 + 4).to_be_bytes());
        message.extend(body);
        if server.write_all(&message).is_err() {
            break;
        }
    }
    let _ = server.shutdown(Shutdown::Both);
}

/// A packet is a length of three bytes, a number and a body; a statement begins with 3.
fn mysql_statements(mut client: TcpStream, mut server: TcpStream, rules: Rules) {
    let mut head = [0; 4];
    while client.read_exact(&mut head).is_ok() {
        let length = u32::from_le_bytes([head[0], head[1], head[2], 0]) as usize;
        let mut body = vec![0; length];
        if client.read_exact(&mut body).is_err() {
            break;
        }
        if head[3] == 0 && body.first() == Some(&3) {
            body = [vec![3], changed(&body[1..], rules)].concat();
        }
        let length = (body.len() as u32).to_le_bytes();
        let message = [&length[..3], &head[3..], &body].concat();
        if server.write_all(&message).is_err() {
            break;
        }
    }
    let _ = server.shutdown(Shutdown::Both);
}
