// Preemption by priority: running jobs of lower priority yield to the one that does not fit. The lowest priority goes first, then
// who started last, then who was submitted last.
#![no_std]
#[macro_use]
mod sched1;

use core::cmp::Reverse;

no_std!();
policy! { name: "priority", jobs: [prio, start_ns, number] }

#[no_mangle]
pub extern "C" fn sched1_preempt(job: u32, n: u32) -> i32 {
    let (prio, start, number) = (jobs().prio, jobs().start_ns, jobs().number);
    let all = sched1::candidates(n);
    let mut m = 0;
    for i in 0..all.len() {
        if prio[all[i] as usize] < prio[job as usize] {
            all[m] = all[i];
            m += 1;
        }
    }
    all[..m].sort_unstable_by_key(|&c| {
        let c = c as usize;
        (prio[c], Reverse(start[c]), Reverse(number[c]))
    });
    m as i32
}
