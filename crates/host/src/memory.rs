//! Memory holds passwords, and ID numbers while a register is read. None of it stays there longer than
//! it is used, and none of it leaves the process.

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;

/// The system's allocator, which wipes what it is given back.
#[derive(Debug, Clone, Copy)]
pub struct Wiping;

// SAFETY: everything is passed on to the system's allocator with the layout that was asked for, and only
// memory that is still the caller's is written to.
unsafe impl GlobalAlloc for Wiping {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of this method, which is that of the system's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the memory is as large as its layout says, and nobody reads it any more.
        unsafe {
            memory.write_bytes(0, layout.size());
            // What is freed next would otherwise not be worth writing to.
            black_box(memory);
            System.dealloc(memory, layout);
        }
    }
}

/// Keeps the process out of core dumps, and from debuggers of other processes of its account.
pub fn seal() {
    // A kernel that does not know it leaves things as they were.
    let _ = nix::sys::prctl::set_dumpable(false);
}

/// Gives back to the system what has been freed, also by libraries that do not wipe it: SQLite's pages
/// hold a register's rows.
pub fn release() {
    #[cfg(target_env = "gnu")]
    {
        unsafe extern "C" {
            fn malloc_trim(pad: usize) -> std::ffi::c_int;
        }
        // SAFETY: it is glibc's own, takes a number alone, and every thread may call it.
        unsafe { malloc_trim(0) };
    }
}
