/// The configuration: `config/config.yaml`, the environment and `--set`, read into one record per feature.
///
/// ```
/// --set key=value ─┐
/// METDC_… ─────────┼─▶ Configuration.load ─▶ Settings (records)        what the program uses
/// config.yaml ─────┤                      └▶ List<Setting>, warnings   what `config show` and `config check` print
/// defaults ────────┘
/// ```
///
/// Whoever reads a setting declares it: name, type, range and default stand in one place, the `read` method
/// of its record. Everything wrong is reported at once, with file and line. Nothing here logs, and no
/// secret leaves a [Secret].
///
/// Used by the commands when the program starts, on the main thread; the records are immutable.
@NullMarked
package io.metdc.collector.config;

import org.jspecify.annotations.NullMarked;
