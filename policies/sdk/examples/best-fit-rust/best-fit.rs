// Best fit: a pod goes where it leaves the least behind. Among the nodes that can hold it, the one with the fewest wholly free
// GPUs, then the fewest free thousandths of GPUs; a pod without GPUs goes to the node with the least free CPU.
#![no_std]
#[macro_use]
mod sched1;

no_std!();
policy! {
    name: "best-fit",
    nodes: [gpus_free, gpu_milli_free, cpu_free_milli],
    roles: [pod_gpus],
}

// The host never picks a node that cannot hold the pod, so the loops look at every node and have no branch. Slices as
// parameters of a function that is not inlined tell the compiler that they do not overlap: it makes SIMD of the loops.

#[inline(never)]
fn by_gpus(scores: &mut [i32], gpus: &[u32], milli: &[u32]) {
    for ((score, gpus), milli) in scores.iter_mut().zip(gpus).zip(milli) {
        *score = -((gpus * 131072 + milli) as i32); // 64 GPUs are 64,000 thousandths: less than one GPU's weight
    }
}

#[inline(never)]
fn by_cpu(scores: &mut [i32], cpu: &[u32]) {
    for (score, &cpu) in scores.iter_mut().zip(cpu) {
        *score = -(cpu.min(1 << 30) as i32);
    }
}

#[no_mangle]
pub extern "C" fn sched1_score(_job: u32, role: u32, n: u32) -> i32 {
    let scores = sched1::scores(n);
    if roles().pod_gpus[role as usize] > 0 {
        by_gpus(scores, nodes().gpus_free, nodes().gpu_milli_free);
    } else {
        by_cpu(scores, nodes().cpu_free_milli);
    }
    sched1::STATUS_OK
}
