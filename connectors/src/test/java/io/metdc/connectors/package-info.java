/// Tests of the connectors and of the session and REST client that they share.
@NullMarked
package io.metdc.connectors;

import org.jspecify.annotations.NullMarked;
