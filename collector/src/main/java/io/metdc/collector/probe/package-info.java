/// First contact with the exchanges: looks for a minute, and says of each thing that metdc relies on whether it
/// holds. Called by the command line; each market on a virtual thread of its own, and nothing is stored.
@NullMarked
package io.metdc.collector.probe;

import org.jspecify.annotations.NullMarked;
