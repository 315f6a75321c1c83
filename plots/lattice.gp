# P(one check fails) by the requests in its window, of a healthy release and of a bad one.
set logscale x
set xrange [1:n_end]
set yrange [0:116]
set ytics 0, 20, 100 format "%h %%"
set xlabel "requests of the canary in one window (log scale)"
y_is = "checks that fail at a limit of ".limit
@y_name
has_bad = strlen(bad_name) > 0
set label 1 "healthy" at graph 1, first 100 * last_healthy left offset aside, 0 \
    textcolor rgb stable
if (has_bad) {
    set label 2 bad_name at graph 1, first 100 * last_bad left offset aside, 0 \
        textcolor rgb canary noenhanced
}

# Where the policy looks; each mark has its name on the side where there is room. (Labels that are
# drawn from data must not all be missing: gnuplot 5.4 crashes.)
side(n) = n < sqrt(n_end) ? "left offset 0.5, 0" : "right offset -0.5, 0"
mark(i, n, name) = sprintf("set label %d '%s' at first %g, first %g %s \
    textcolor rgb muted noenhanced", 10 + i, name, n, 119 - 6 * i, side(n))
eval mark(1, first_n, first_name)
if (largest_n > first_n) { eval mark(2, largest_n, largest_name) }

plot saw using "requests":(100 * column("healthy")) with lines linewidth 2 linecolor rgb stable, \
     saw using "requests":(has_bad ? 100 * column("bad") : NaN) with lines linewidth 2 \
         linecolor rgb canary, \
     marks using "requests":(0):(0):(116) with vectors nohead linecolor rgb muted dashtype 3, \
     marks using "requests":(100 * column("healthy")) with points pointtype 7 linecolor rgb stable
