# Read by llama-cpp-python's CMakeLists.txt right after its project(llama_cpp), through
# -DCMAKE_PROJECT_llama_cpp_INCLUDE. It takes the
# build from 15 minutes of one core's time to 4 and changes no optimisation flag.

# llama-common serves llama.cpp's own programs; the Python package forces it on and never loads it. Its cache entry
# can't be overruled, but a normal variable of the same name shadows it (CMP0126).
set(LLAMA_BUILD_COMMON OFF)

# Mends GCC's _tile_loadconfig, see the header.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options("SHELL:-include \"${CMAKE_CURRENT_LIST_DIR}/gcc_amx_tiles.h\"")
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
