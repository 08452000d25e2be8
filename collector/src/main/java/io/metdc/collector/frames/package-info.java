/// Raw frames kept as evidence, to prove and repair a change of an exchange's wire format.
///
/// ```
/// reader threads ──copy──▶ bounded queue ──▶ thread "frames" ──zstd──▶ okx-futures-20261121-071503-0001.frames.zst
///   (FrameTap)              full: counted                              …-0002, …-0003: the oldest goes at the limit
/// ```
///
/// Written for `metdc run` and `metdc probe`, read by `metdc decode`. Recording gives way to collecting in everything:
/// what does not fit into the queue is left out and counted, and a write that fails ends the recording alone.
@NullMarked
package io.metdc.collector.frames;

import org.jspecify.annotations.NullMarked;
