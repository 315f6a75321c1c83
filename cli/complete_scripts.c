/* The scripts by which shells ask for completions. They hand over the line and show what comes
 * back (complete.h); what is known of commands and keys is known there. */
#include "cli/complete.h"

/* bash cuts words at = and : and wants back only the part behind them; the line is cut at blanks
 * here, and `strip` is what bash takes for granted. */
static const char bash[] =
    "# bash completion of coalmine; made by: coalmine docs --completion bash\n"
    "_coalmine() {\n"
    "    local text=${COMP_LINE:0:COMP_POINT} last=${COMP_WORDS[COMP_CWORD]} strip line word file\n"
    "    local -a words endings\n"
    "    read -ra words <<<\"$text\"\n"
    "    [[ $text != *[[:blank:]] ]] || words+=('')\n"
    "    [[ $last != [=:] ]] || last=\n"
    "    strip=${words[-1]%\"$last\"}\n"
    "    COMPREPLY=()\n"
    "    while IFS= read -r line; do\n"
    "        word=${line%%$'\\t'*}\n"
    "        case $word in\n"
    "        :dir)\n"
    "            compopt -o filenames 2>/dev/null\n"
    "            mapfile -t -O \"${#COMPREPLY[@]}\" COMPREPLY < <(compgen -d -- \"$last\") ;;\n"
    "        :file*)\n"
    "            compopt -o filenames 2>/dev/null\n"
    "            read -ra endings <<<\"${word#:file}\"\n"
    "            while IFS= read -r file; do\n"
    "                [[ -d $file || ${#endings[@]} == 0 || \" ${endings[*]} \" == *\" ${file##*.} "
    "\"* ]] &&\n"
    "                    COMPREPLY+=(\"$file\")\n"
    "            done < <(compgen -f -- \"$last\") ;;\n"
    "        *)\n"
    "            [[ $word != *= ]] || compopt -o nospace 2>/dev/null\n"
    "            COMPREPLY+=(\"${word#\"$strip\"}\") ;;\n"
    "        esac\n"
    "    done < <(\"$1\" docs --complete -- \"${words[@]}\" 2>/dev/null)\n"
    "}\n"
    "complete -F _coalmine coalmine\n";

static const char zsh[] =
    "#compdef coalmine\n"
    "# zsh completion of coalmine; made by: coalmine docs --completion zsh\n"
    "_coalmine() {\n"
    "    local line word meaning\n"
    "    local -a found open given endings\n"
    "    given=(\"${(@)words[1,CURRENT]}\")\n"
    "    given[CURRENT]=$PREFIX\n"
    "    for line in \"${(@f)$(\"${(Q)words[1]}\" docs --complete -- \"${given[@]}\" "
    "2>/dev/null)}\"; do\n"
    "        word=${line%%$'\\t'*} meaning=${line#*$'\\t'}\n"
    "        case $word in\n"
    "        ('') ;;\n"
    "        (:dir) compset -P '--*='; _files -/ ;;\n"
    "        (:file)  compset -P '--*='; _files ;;\n"
    "        (:file*) compset -P '--*='; _files -g \"*.(${${word#:file }// /|})(-.)\" ;;\n"
    "        (*=) open+=(\"${word//:/\\\\:}:$meaning\") ;;\n"
    "        (*) found+=(\"${word//:/\\\\:}:$meaning\") ;;\n"
    "        esac\n"
    "    done\n"
    "    (( ! ${#open} )) || _describe 'key' open -S ''\n"
    "    (( ! ${#found} )) || _describe 'word' found\n"
    "}\n"
    "[[ ${funcstack[1]} != _coalmine ]] || _coalmine \"$@\"\n"
    "(( ! $+functions[compdef] )) || compdef _coalmine coalmine\n";

static const char fish[] =
    "# fish completion of coalmine; made by: coalmine docs --completion fish\n"
    "function __coalmine_complete\n"
    "    set -l token (commandline -ct)\n"
    "    set -l words (commandline -opc) \"$token\"\n"
    "    set -l before (string match -r -- '^--[^=]*=' \"$token\")\n"
    "    set -l value (string replace -r -- '^--[^=]*=' '' \"$token\")\n"
    "    for line in ($words[1] docs --complete -- $words 2>/dev/null)\n"
    "        switch $line\n"
    "            case ':dir'\n"
    "                for path in (__fish_complete_directories \"$value\")\n"
    "                    echo -- \"$before$path\"\n"
    "                end\n"
    "            case ':file*'\n"
    "                set -l endings (string split -n ' ' -- (string sub -s 6 -- $line))\n"
    "                for path in $value*\n"
    "                    if test -d $path\n"
    "                        echo -- \"$before$path/\"\n"
    "                    else if test -z \"$endings\"; or contains -- (string replace -r '.*\\\\.' "
    "'' -- $path) $endings\n"
    "                        echo -- \"$before$path\"\n"
    "                    end\n"
    "                end\n"
    "            case '*'\n"
    "                echo -- $line\n"
    "        end\n"
    "    end\n"
    "end\n"
    "complete -c coalmine -f -a '(__coalmine_complete)'\n";

const char *const cm_complete_shells[] = {"bash", "zsh", "fish", NULL};

void cm_complete_script(int shell, struct cm_writer to)
{
    static const char *const scripts[] = {bash, zsh, fish};
    cm_print(to, "%s", scripts[shell]);
}
