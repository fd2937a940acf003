// Best fit: a pod goes where it leaves the least behind. Among the nodes that can hold it, the one with the fewest wholly free
// GPUs, then the fewest free thousandths of GPUs; a pod without GPUs goes to the node with the least free CPU.
const sched1 = @import("sched1.zig");
const policy = sched1.Policy(.{
    .name = "best-fit",
    .nodes = &.{ .gpus_free, .gpu_milli_free, .cpu_free_milli },
    .roles = &.{.pod_gpus},
});
comptime {
    _ = policy;
}

// The host never picks a node that cannot hold the pod, so the loops look at every node and have no branch.
export fn sched1_score(job: u32, role: u32, n: u32) i32 {
    _ = job;
    const scores = policy.scores(n);
    if (policy.roles(.pod_gpus)[role] > 0) {
        for (scores, policy.nodes(.gpus_free)[0..n], policy.nodes(.gpu_milli_free)[0..n]) |*score, gpus, milli| {
            score.* = -@as(i32, @intCast(gpus * 131072 + milli)); // 64 GPUs are 64,000 thousandths: less than one GPU's weight
        }
    } else {
        for (scores, policy.nodes(.cpu_free_milli)[0..n]) |*score, cpu| score.* = -@as(i32, @intCast(@min(cpu, 1 << 30)));
    }
    return sched1.STATUS_OK;
}
