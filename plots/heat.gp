# Two heat maps, one above the other. Cells carry percentages; the line is where the target is met.
array ramp[4] = ["#FFF8F2", "#F6C9A6", "#D55E00", "#6B2F00"]
set palette defined (0 ramp[1], 1.2 ramp[2], 2.6 ramp[3], 4 ramp[4])
set cbrange [-4:0]
unset colorbox
unset grid
unset border
unset tics
set xrange [0.5:n_x + 0.5]
set yrange [0.5:n_y + 0.5]
gap    = y_px(64)
high   = (top_of_plot - y_px(54) - gap * (maps - 1)) / maps
depth(share) = log10(share > 1e-4 ? share : 1e-4)
ink(share)   = share >= 0.05 ? hex("#FFFFFF") : hex(text)
y_variable = y_is

next_map = "set tmargin at screen top_of_plot; set bmargin at screen top_of_plot - high; \
    set label 904 map_is at screen x_px(16), screen top_of_plot + y_px(18) textcolor rgb text \
        noenhanced; \
    set label 905 x_is at graph 0.5, graph 0 center offset 0, -2 textcolor rgb text noenhanced; \
    set label 906 y_variable at graph 1.01, graph 0.97 left textcolor rgb muted noenhanced; \
    top_of_plot = top_of_plot - gap - high"
the_map = "plot map using 'x':'y':(column('x') - 0.5):(column('x') + 0.5):(column('y') - 0.5) \
        :(column('y') + 0.5):(depth(column('share'))) with boxxyerror linecolor palette \
        fillstyle solid 1 border rgb '#FFFFFF', \
    map using 'x':'y':'text':(ink(column('share'))) with labels textcolor rgb variable, \
    x_axis using 'at':(0.5):'text' with labels offset 0, -0.8 noenhanced textcolor rgb text, \
    y_axis using (0.5):'at':'text' with labels right offset -0.6, 0 noenhanced textcolor rgb text"
the_line = ", edges using 'x':'y':'dx':'dy' with vectors nohead linewidth 3 linecolor rgb text"
map_alone = the_map
map_and_line = the_map.the_line

set multiplot
map_is = "healthy releases rolled back, %; the line is at ".false_target
map = false_map; edges = false_line
@next_map
if (false_edges > 0) {
    @map_and_line
} else {
    @map_alone
}
unset label
if (maps > 1) {
    map_is = release." missed, %; the line is at ".missed_target
    map = missed_map; edges = missed_line
    @next_map
    if (missed_edges > 0) {
        @map_and_line
    } else {
        @map_alone
    }
}
unset multiplot
