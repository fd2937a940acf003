// Least attained service: the job that has had the least GPU time is first; ties go to the job that came first. A job that has
// not run yet has had none.
#![no_std]
#[macro_use]
mod sched1;

no_std!();
policy! { name: "las", jobs: [attained_gpu_ns] }

// A waiting job attains nothing: its key holds until it has run again, and then the host asks anew.
#[no_mangle]
pub extern "C" fn sched1_keys(n: u32) -> i32 {
    let attained = jobs().attained_gpu_ns;
    for (key, &job) in sched1::keys(n).iter_mut().zip(sched1::idx(n)) {
        *key = attained[job as usize];
    }
    sched1::STATUS_OK
}
