/// The command line: every command of metdc with its options, its help and its exit code.
///
/// ```
/// Main ─▶ CommandLineInterface ─▶ RunCommand, RehearseCommand, SimulateCommand ─▶ Program (the service itself)
///                               └▶ DecodeCommand, QueryCommand, DatabaseCommand, ConfigCommand
/// ```
///
/// Results go to stdout, everything else to stderr. A command runs on the main thread.
@NullMarked
package io.metdc.collector.cli;

import org.jspecify.annotations.NullMarked;
