/// Figures, each as a ratio against a bound measured in the same run: JMH for the hot paths, programs of their own
/// for what needs sockets and processes. Nothing depends on this module.
@NullMarked
package io.metdc.benchmarks;

import org.jspecify.annotations.NullMarked;
