// Best fit: a pod goes where it leaves the least behind. Among the nodes that can hold it, the one with the fewest wholly free
// GPUs, then the fewest free thousandths of GPUs; a pod without GPUs goes to the node with the least free CPU.
import {
  policy, want, setScore, nodes, roles, STATUS_OK, TABLE_NODES, TABLE_ROLES,
  NODES_GPUS_FREE, NODES_GPU_MILLI_FREE, NODES_CPU_FREE_MILLI, ROLES_POD_GPUS,
} from "./sched1";
export { sched1_desc, sched1_layout } from "./sched1";

policy("best-fit");
want(TABLE_NODES, NODES_GPUS_FREE);
want(TABLE_NODES, NODES_GPU_MILLI_FREE);
want(TABLE_NODES, NODES_CPU_FREE_MILLI);
want(TABLE_ROLES, ROLES_POD_GPUS);

// The host never picks a node that cannot hold the pod, so the loops look at every node.
export function sched1_score(job: u32, role: u32, n: u32): i32 {
  if (roles.pod_gpus(role) > 0) {
    for (let i: u32 = 0; i < n; i++) {
      // 64 GPUs are 64,000 thousandths: less than one GPU's weight
      setScore(i, -<i32>(nodes.gpus_free(i) * 131072 + nodes.gpu_milli_free(i)));
    }
  } else {
    for (let i: u32 = 0; i < n; i++) setScore(i, -<i32>min<u32>(nodes.cpu_free_milli(i), 1 << 30));
  }
  return STATUS_OK;
}
