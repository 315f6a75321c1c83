# What all pictures share. Colours are Okabe and Ito's, which colour-blind people tell apart, and
# each has one meaning: stable, canary, ok, warn. Policies are told apart by what is left of them.
set encoding utf8
set datafile separator comma
if (!exists("format")) format = "svg"
if (!exists("output")) output = name.".".format
if (!exists("columns")) columns = 0
if (!exists("rows")) rows = 0
height = exists("panels") ? 300 + 100 * panels : exists("maps") ? 100 + maps * (80 + 30 * n_y) : 480
stable = "#0072B2"
canary = "#D55E00"
ok     = "#009E73"
warn   = "#E69F00"
text   = "#222222"
muted  = "#8A8A8A"
faint  = "#E4E4E4"
hex(colour) = int("0x".colour[2:7])

# Curves of policies, in their order; labels are a little darker, so that they can be read.
array line_of[6]  = ["#222222", "#CC79A7", "#56B4E9", "#8A8A8A", "#A6761D", "#7570B3"]
array label_of[6] = ["#222222", "#A8487E", "#2079B0", "#6E6E6E", "#855D10", "#5A55A0"]
line_colour(i)  = line_of[(int(i) - 1) % 6 + 1]
label_colour(i) = hex(label_of[(int(i) - 1) % 6 + 1])

# Letters stand in a grid; everywhere else sizes are in pixels of a picture of 840.
is_text = format eq "dumb"
width   = is_text ? (columns > 40 ? columns : 100) : 840
lines   = rows > 16 ? rows - 2 : height / 17
if (is_text) { height = lines }
if (format eq "svg") {
    set terminal svg size width, height font "sans-serif,13" enhanced background "#FFFFFF"
    set pointsize 0.6
}
if (format eq "png") {
    set terminal pngcairo size 2 * width, 2 * height font "DejaVu Sans,9.5" fontscale 2 \
        linewidth 2 pointscale 1.6 enhanced background "#FFFFFF"
}
if (format eq "sixel") {
    set terminal sixelgd size width, height font "DejaVu Sans,10" truecolor enhanced \
        background "#FFFFFF"
}
if (is_text) { set terminal dumb noenhanced ansi256 size width, lines }
set output output
x_px(n) = (is_text ? n / 8.0 : n * 1.0) / width
y_px(n) = (is_text ? n / 17.0 : n * 1.0) / height

# The finding as a title, in two lines if it is long, and what was played below it in grey.
most = is_text ? width - 6 : 78
break_at(s, n) = n < 20 ? 0 : s[n:n] eq " " ? n : break_at(s, n - 1)
cut = strlen(finding) > most ? break_at(finding, most) : 0
first_line  = cut > 0 ? finding[1:cut - 1] : finding
second_line = cut > 0 ? finding[cut + 1:*] : ""
head = 1 - y_px(18)
bold = format eq "svg" ? "sans-serif:Bold,15" : "DejaVu Sans:Bold,".(format eq "png" ? 11 : 12)
# In SVG only enhanced text can be bold: what would be markup is escaped.
plain(s) = strlen(s) < 1 ? "" : \
    (strstrt("{}^_@&~\\", s[1:1]) > 0 ? "\\".s[1:1] : s[1:1]).plain(s[2:*])
titled(s) = is_text ? s : plain(s)
set label 901 titled(first_line)  at screen x_px(16), screen head font bold textcolor rgb text
set label 902 titled(second_line) at screen x_px(16), screen head - y_px(20) font bold \
    textcolor rgb text
head = head - (cut > 0 ? y_px(20) : 0) - y_px(22)
set label 903 about       at screen x_px(16), screen head textcolor rgb muted noenhanced

# The frame; names of y axes stand above them, where they can be read.
top_of_plot = head - y_px(48)
left  = x_px(64)
right = 1 - x_px(160)
set tmargin at screen top_of_plot
set bmargin at screen y_px(62) # less, and SVG loses the name of the axis
set lmargin at screen left
set rmargin at screen right
set border 3 linecolor rgb muted
set tics nomirror out scale 0.6 textcolor rgb text
set format x "%h"
set grid ytics linetype 1 linecolor rgb faint linewidth 1
set xlabel textcolor rgb text
unset key
aside  = is_text ? 2 : 0.7 # of labels at the ends of curves, in letters
band(y) = is_text ? NaN : 100 * y

# 1, 2 or 5 of a power of ten, for about n tics up to the top.
power(x)   = 10 ** floor(log10(x))
leading(x) = x / power(x)
round_(l)  = l < 1.5 ? 1 : l < 3.5 ? 2 : l < 7.5 ? 5 : 10
tic_step(top, n) = power(top / n) * round_(leading(top / n))

# The name of the y axis, which is said in `y_is`.
y_name = "set label 904 y_is at screen x_px(16), screen top_of_plot + y_px(18) \
    textcolor rgb text noenhanced"
