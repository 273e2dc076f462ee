# Read by llama-cpp-python's CMakeLists.txt right after its project(llama_cpp), through
# -DCMAKE_PROJECT_llama_cpp_INCLUDE. It takes the build from 15 minutes of one core's time to 4 and changes no
# optimisation flag, and it changes one line of the source: see traypoint_sum_alike.

# llama-common serves llama.cpp's own programs; the Python package forces it on and never loads it. Its cache entry
# can't be overruled, but a normal variable of the same name shadows it (CMP0126).
set(LLAMA_BUILD_COMMON OFF)

# Mends GCC's _tile_loadconfig, see the header.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options("SHELL:-include \"${CMAKE_CURRENT_LIST_DIR}/gcc_amx_tiles.h\"")
endif()

# Attention over 16-bit cells takes another routine for one column than for several, which adds in another order; so a
# token's logits depend on how many are computed with it, by a median of 0.2 and up to 0.9 with the starter model. The
# routine for several is right for one too, and no slower. With it a token's logits are the same to the last bit, alone
# or not (docs/adr/0009). Where upstream has changed the line, the build goes on without: the program finds out by itself.
function(traypoint_sum_alike)
    set(file "${CMAKE_CURRENT_SOURCE_DIR}/vendor/llama.cpp/ggml/src/ggml-cpu/llamafile/sgemm.cpp")
    set(changed "if (n < 2 && Atype != GGML_TYPE_F16)")
    if(NOT EXISTS "${file}")
        message(WARNING "There is no ${file}: answers will depend on how many tokens are computed at once.")
        return()
    endif()
    file(READ "${file}" source)
    string(REPLACE "if (n < 2)" "${changed}" source "${source}")
    string(FIND "${source}" "${changed}" place)
    if(place EQUAL -1)
        message(WARNING "${file} has changed: answers will depend on how many tokens are computed at once.")
        return()
    endif()
    file(WRITE "${file}" "${source}")
endfunction()
if(PROJECT_NAME STREQUAL "llama_cpp") # not llama.cpp's own project, which the benchmark builds with this file too
    traypoint_sum_alike()
endif()

# Each of libllama's own sources spends most of its time on the same headers. Upstream compiles the model files in
# groups already; this adds the others, in small groups so that several cores still share the work.
function(traypoint_group_sources)
    if(NOT TARGET llama OR MSVC)
        return()
    endif()
    set_target_properties(llama PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
    get_target_property(folder llama SOURCE_DIR)
    get_target_property(sources llama SOURCES)
    list(FILTER sources INCLUDE REGEX "\\.cpp$")
    set(core 0)
    set(model 0)
    foreach(source IN LISTS sources)
        # Relative paths would be taken from the folder that calls this, not from the target's.
        get_filename_component(source "${source}" ABSOLUTE BASE_DIR "${folder}")
        if(source MATCHES "models/")
            math(EXPR number "${model} / 16")
            math(EXPR model "${model} + 1")
            set(group "models_${number}")
        else()
            math(EXPR number "${core} / 6")
            math(EXPR core "${core} + 1")
            set(group "core_${number}")
        endif()
        set_source_files_properties(
            "${source}" DIRECTORY "${folder}" PROPERTIES UNITY_GROUP "${group}" SKIP_UNITY_BUILD_INCLUSION OFF)
    endforeach()
endfunction()

# The target doesn't exist yet: wait until the whole of CMakeLists.txt has been read.
cmake_language(DEFER CALL traypoint_group_sources)
