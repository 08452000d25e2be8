/// What metdc says of itself: short lines on stderr, full ones in a file a day. Never on stdout, which is
/// for results.
///
/// Started once by the command that runs; log events come from every thread.
@NullMarked
package io.metdc.collector.logging;

import org.jspecify.annotations.NullMarked;
