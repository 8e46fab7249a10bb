"""Whether a cell for problems says that there is none (暂无问题, 进展顺利)."""

import re

from models.office_files.cells import plain

LONGEST = 80  # characters; whoever writes more has something to say
SHORT = 8  # characters; such a text may be nothing but a word or a sign
WHEN = (
    r"(?:截[至止]目前|到目前为止|截[至止]|目前|现阶段|现在|当前|现|暂时|暂|尚|近期|本月|本周|本期|至今|该|本|项目|企业|均|都|也|且|并|仍|还"
    r"|总体|整体|各项工作|工程|建设|施工|方面|反映|经了解)*"
)
HARM = r"(?:问题|困难|障碍|制约因素|制约|瓶颈|矛盾|诉求|事项|异常|阻碍|阻力|难题|难点|大碍)"
NOUN = rf"(?:{HARM}|情况|需求|意见|建议)"
MORE_NOUNS = rf"(?:(?:和|与|以及|及|或|、)?{NOUN})*"
NOUNS = rf"{NOUN}{MORE_NOUNS}"
HARMS = rf"{HARM}{MORE_NOUNS}"  # of whatever; 无审批意见 says that something is missing
NONE = r"(?:没有|没|并无|无|不存在|无存在|未存在|未发现|未出现|未遇到|未收到|未反映|不涉及)"
WHICH = (
    r"(?:存在|发现|反馈|反映|上报|任何|明显|重大|重要|突出|较大|大|什么|其[他它]|主要|特别|实质性|相关|新增?|严重"
    r"|上述|遗留|历史遗留)的?"
)
OF_WHAT = (
    r"(?:用地|土地|资金|融资|用工|环评|手续|拆迁|征地|规划|用电|用水|供电|供水|道路|配套|审批|政策|质量|安全|信访)"
    r"(?:方面)?的?"
)
HELPER = r"(?:请|上级|市里|市级|市政府|市|县里|县级|县政府|县区|县|区|领导|政府|各?部门|有关|相关)"
SOLVING = r"(?:协调|解决|研究|帮助|支持|处理|推动)+"
WELL = r"(?:正常|顺利|有序|稳步|平稳|按计划|按照计划|按期|按时序?|按进度|按节点|如期)"
WORK = r"(?:推进|施工|建设|生产|运营|运行|进行|实施|开展|办理|推动|经营|进展)"
SUBJECT = (
    r"(?:该|本|项目|企业|工程|各项|手续|前期|工作|建设|施工|生产|运营|运行|推进|进展|进度|整体|总体|情况|状况|经营|主体"
    r"|目前|当前|截至目前)*"
)
WHAT = r"(?:problems?|issues?|difficult(?:y|ies)|blockers?|obstacles?|obstructions?|concerns?)"
KIND = (
    r"(?:known|current|major|outstanding|other|significant|further|new|open|obvious|special|big|serious|more|important)"
)
SO_FAR = r"(?:at present|so far|yet|found|to report|reported|for now|currently|known|at all|at the moment)"
SOLVED = r"(?:解决|办结|整改|落实|销号|化解|消除|处理|办理|完成)"
FINE = r"(?:on track|on schedule|as planned|well|normal(?:ly)?|smooth(?:ly)?|fine)"
SAYS_NONE = "|".join(
    (
        rf"{WHEN}{NONE}(?:{WHICH})*(?:(?:需要?|须|待|要){HELPER}*{SOLVING}的?)?{NOUNS}",
        rf"{WHEN}{NONE}(?:{WHICH}|{OF_WHAT})*(?:(?:需要?|须|待|要){HELPER}*{SOLVING}的?)?{HARMS}",
        rf"{WHEN}(?:无需|无须|不需要?|不用|没有需要){HELPER}*{SOLVING}(?:的?{NOUNS})?",
        rf"{WHEN}{NONE}",
        r"截[至止](?:目前|[\d年月日号./-]+)|到目前为止|目前",
        rf"(?:存在的?)?(?:主要)?{NOUNS}:?(?:{WHEN}{NONE}|/)",
        rf"{SUBJECT}(?:正在|均|都|已|正|仍)*{WELL}+地?(?:正在)?{WORK}中?",
        rf"{SUBJECT}(?:均|都|较为?|比较|基本|一切|非常|十分|很|正在)*(?:正常|顺利|良好|平稳){WORK}?",
        rf"(?:{NOUNS})?(?:均|都|现|目前)*已经?(?:全部|均|得到|协调|妥善)*{SOLVED}(?:完毕|到位|完成|了)?",
        r"[否不×✗0]",
        rf"(?:there (?:is|are) )?(?:none|nil|nothing|n/?a|not applicable|no|no (?:{KIND} )*{WHAT})(?: {SO_FAR})*",
        rf"(?:everything |all |project )?(?:is )?(?:(?:go|progress|proceed)ing )?{FINE}",
    )
)
NO_PROBLEM = re.compile(
    rf"[\s,.;、。!()]*(?:{SAYS_NONE})(?:[\s,.;、。!()]+(?:{SAYS_NONE}))*[\s,.;、。!()]*", re.IGNORECASE
)
# In every text that says there is no problem, and in few others.
MAY_SAY_NONE = re.compile(
    r"[无無没沒/\\—-]|不[存需用涉]|未[发發出遇收反存]|正常|[顺順]利|有序|[稳穩]步|平[稳穩]|按|如期|良好|解[决決]"
    r"|已[经經]?[全均得协協妥办辦整落销銷化消处處完]|n[oi/]|\bon |as planned|well|smooth|fine|there",
    re.IGNORECASE,
)
GAP = re.compile(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")


def may_say_none(text: str) -> bool:
    """Whether it is worth asking `is_no_problem`: most texts are problems."""
    return len(text) <= SHORT or MAY_SAY_NONE.search(text) is not None


def is_no_problem(text: str) -> bool:
    """Whether a text in simplified characters says in each of its clauses that all is well."""
    return len(text) <= LONGEST and bool(NO_PROBLEM.fullmatch(GAP.sub("", plain(text))))
