//! What the process asks of its machine: the clock, accounts, files, memory, random numbers, TLS, and threads
//! for what blocks. Each file stands for itself.

pub mod account;
pub mod clock;
pub mod fault;
pub mod memory;
pub mod password;
pub mod random;
pub mod second_factor;
pub mod tls;
pub mod whole_file;
pub mod work;

tongbao_message::catalogue!();
