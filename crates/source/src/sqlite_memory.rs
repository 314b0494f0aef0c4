//! SQLite's memory, wiped when it is given back: pages of a register hold ID numbers, and what the C library has
//! freed stays readable until something else is written there.

use std::ffi::{c_int, c_void};
use std::ptr::{copy_nonoverlapping, null_mut, write_bytes};
use std::sync::OnceLock;

use libsqlite3_sys as ffi;

/// What SQLite would use itself.
#[derive(Clone, Copy)]
struct Usual {
    malloc: unsafe extern "C" fn(c_int) -> *mut c_void,
    free: unsafe extern "C" fn(*mut c_void),
    size: unsafe extern "C" fn(*mut c_void) -> c_int,
}

static USUAL: OnceLock<Usual> = OnceLock::new();

/// Has SQLite wipe what it frees. To be called before any database is opened; later it changes nothing.
pub fn wipe() {
    // SAFETY: all fields of the structure may be null.
    let mut methods: ffi::sqlite3_mem_methods = unsafe { std::mem::zeroed() };
    // SAFETY: SQLite fills the structure with its own methods.
    let asked = unsafe { ffi::sqlite3_config(ffi::SQLITE_CONFIG_GETMALLOC, &raw mut methods) };
    let (Some(malloc), Some(free), Some(size)) = (methods.xMalloc, methods.xFree, methods.xSize) else {
        return;
    };
    if asked != ffi::SQLITE_OK || USUAL.set(Usual { malloc, free, size }).is_err() {
        return;
    }
    methods.xFree = Some(wiping_free);
    methods.xRealloc = Some(wiping_realloc);
    // SAFETY: the methods are the usual ones, but that they wipe; SQLite copies the structure.
    unsafe { ffi::sqlite3_config(ffi::SQLITE_CONFIG_MALLOC, &raw mut methods) };
}

unsafe extern "C" fn wiping_free(memory: *mut c_void) {
    let Some(usual) = USUAL.get().filter(|_| !memory.is_null()) else { return };
    // SAFETY: SQLite gives back what it was given, and the size is that of the whole allocation.
    unsafe {
        write_bytes(memory.cast::<u8>(), 0, (usual.size)(memory).max(0) as usize);
        std::hint::black_box(memory);
        (usual.free)(memory);
    }
}

/// Never in place: the old place would be freed without being wiped.
unsafe extern "C" fn wiping_realloc(memory: *mut c_void, length: c_int) -> *mut c_void {
    let Some(usual) = USUAL.get() else { return null_mut() };
    // SAFETY: as above; both places are at least as long as what is copied, and they are apart.
    unsafe {
        let moved = (usual.malloc)(length);
        if moved.is_null() || memory.is_null() {
            return moved;
        }
        let kept = (usual.size)(memory).min(length).max(0) as usize;
        copy_nonoverlapping(memory.cast::<u8>(), moved.cast::<u8>(), kept);
        wiping_free(memory);
        moved
    }
}
